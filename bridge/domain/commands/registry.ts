import type { Call, Command } from './command.js';

/** All commands, by what is typed. */
export interface Registry {
  readonly commands: readonly Command[];
  find(word: string): Command | undefined;
  /** Those that whoever asks may use. */
  of(asker: Rights): readonly Command[];
}

export type Rights = Pick<Call, 'manager' | 'supervisor'>;

export function mayUse({ manager, supervisor }: Rights, { who }: Pick<Command, 'who'>): boolean {
  return who === 'operators' || manager || (who === 'supervisors' && supervisor);
}

/** @throws when two commands claim the same word */
export function createRegistry(commands: readonly Command[]): Registry {
  const byWord = new Map<string, Command>();
  for (const command of commands) {
    for (const word of [command.word, ...(command.aliases ?? [])]) {
      const other = byWord.get(word);
      if (other) throw new Error(`!${word} is both ${other.word} and ${command.word}`);
      byWord.set(word, command);
    }
  }
  const sorted = [...commands].sort((a, b) => (a.word < b.word ? -1 : 1));
  return {
    commands: sorted,
    find: (word) => byWord.get(word.toLowerCase()),
    of: (asker) => sorted.filter((command) => mayUse(asker, command)),
  };
}
