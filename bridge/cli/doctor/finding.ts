/** What one look found. `advice`: what to change. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail' | 'skip';
  readonly what: string;
  readonly advice?: string;
}

export function ok(what: string): Finding {
  return { level: 'ok', what };
}

/** It works, but not as it should. */
export function warn(what: string, advice: string): Finding {
  return { level: 'warn', what, advice };
}

export function fail(what: string, advice: string): Finding {
  return { level: 'fail', what, advice };
}

const WORDS = { ok: 'ok   ', warn: 'WARN ', fail: 'FAIL ', skip: 'skip ' } as const;

/** One line. */
export function lineOf({ level, what, advice }: Finding): string {
  return `${WORDS[level]}${oneLine(what)}${advice === undefined ? '' : ` -> ${oneLine(advice)}`}`;
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
}
