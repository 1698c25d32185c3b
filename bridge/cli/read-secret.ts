import { UsageError } from './exit-codes.js';
import type { Io } from './io.js';

const LONGEST = 1_000;

/** The first line of standard input: a secret that must not stand on a command line, where every user of the machine can read it. */
export async function readSecret({ stdin }: Io, what: string): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.includes('\n') || text.length > LONGEST) break;
  }
  const line = (text.split('\n')[0] ?? '').replace(/\r$/, '');
  if (line === '' || line.length > LONGEST) throw new UsageError(`standard input must hold the ${what} on one line`);
  return line;
}
