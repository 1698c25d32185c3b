import { UsageError } from './exit-codes.js';
import type { Io } from './io.js';

/** Of a line. */
const LONGEST = 1_000;

/** The first line of standard input: a secret that must not stand on a command line, where every user of the machine can read it. */
export async function readSecret(io: Io, what: string): Promise<string> {
  const [line = ''] = await readSecrets(io, [what]);
  return line;
}

/** The first lines of standard input, one for each name. */
export async function readSecrets({ stdin }: Io, names: readonly string[]): Promise<string[]> {
  let text = '';
  if (names.length > 0) {
    for await (const chunk of stdin) {
      text += String(chunk);
      if (text.split('\n').length > names.length || text.length > LONGEST * names.length) break;
    }
  }
  const lines = text.split('\n');
  return names.map((name, i) => {
    const line = (lines[i] ?? '').replace(/\r$/, '');
    if (line === '' || line.length > LONGEST) throw new UsageError(`standard input must hold the ${name} on one line`);
    return line;
  });
}
