import { createInterface, clearLine, cursorTo } from 'node:readline';
import type { Io } from '../io.js';

/** Where the operator reads and types. What comes in while a line is being typed is printed above it. */
export interface Screen {
  readonly lines: AsyncIterator<string>;
  print(line: string): void;
  prompt(): void;
  close(): void;
}

export function openScreen({ stdin, stdout }: Io): Screen {
  const terminal = stdin.isTTY === true && stdout.isTTY === true;
  const reader = createInterface({ input: stdin, prompt: '> ', terminal, ...(terminal ? { output: stdout } : {}) });
  // Raw mode swallows Ctrl-C; the end of the lines is how the console hears of it.
  reader.on('SIGINT', () => reader.close());
  return {
    lines: reader[Symbol.asyncIterator](),
    print(line) {
      if (!terminal) return void stdout.write(`${line}\n`);
      clearLine(stdout, 0);
      cursorTo(stdout, 0);
      stdout.write(`${line}\n`);
      reader.prompt(true);
    },
    prompt() {
      if (terminal) reader.prompt();
    },
    close: () => reader.close(),
  };
}

/** What others wrote, without what a terminal would take for commands; further lines are set in. */
export function visible(text: string): string {
  return text
    .split(/\r\n|[\r\n\u2028\u2029]/)
    .map((line) => line.replace(/\t/g, '  ').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ''))
    .join('\n    ');
}
