/** A sample of the text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const ABOUT = new RegExp(`^# (?:HELP ${NAME} .+|TYPE ${NAME} (?:counter|gauge|histogram|summary|untyped))$`);
const UNESCAPED: Record<string, string> = { '\\"': '"', '\\\\': '\\', '\\n': '\n' };

/** Reads Prometheus' text format 0.0.4. @throws at anything that isn't exactly that, and at a sample that comes twice */
export function parsePrometheus(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end');
  const samples: Sample[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '' || ABOUT.test(line)) continue;
    const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? [];
    const value = Number(number.replace(/^([+-]?)Inf$/, '$1Infinity'));
    if (name === '' || (Number.isNaN(value) && number !== 'NaN')) throw new Error(`This is no sample: ${line}`);
    const sample = { name, labels: parseLabels(labels, line), value };
    const key = JSON.stringify([name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) throw new Error(`This sample comes twice: ${line}`);
    seen.add(key);
    samples.push(sample);
  }
  return samples;
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length;) {
    const [, name = '', value = ''] = LABEL.exec(text) ?? [];
    if (name === '' || name in labels) throw new Error(`These are no labels: ${line}`);
    labels[name] = value.replace(/\\["\\n]/g, (one) => UNESCAPED[one] ?? one);
  }
  return labels;
}
