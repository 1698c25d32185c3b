import { rows, type Pool } from '../../../bridge/storage/pool.js';

/** Texts of the load are `<run> <number> …`, so that each can be found again. */
export function numbered(run: string, number: number): string {
  return `${run} ${number} Shall I send you the offer by mail?`;
}

export function numberOf(text: string, run: string): number | null {
  return text.startsWith(`${run} `) ? Number(text.slice(run.length + 1).split(' ', 1)[0]) : null;
}

/** Which of the numbers 0…count-1 came how often. */
export class Tally {
  private readonly seen: Uint8Array;
  arrived = 0;
  doubled = 0;

  constructor(readonly count: number) {
    this.seen = new Uint8Array(count);
  }

  add(number: number): void {
    if (this.seen[number] === 0) this.arrived += 1;
    else this.doubled += 1;
    this.seen[number] = 1;
  }

  get lost(): number {
    return this.count - this.arrived;
  }
}

/** How many messages these chats hold: one cheap look, for waiting. */
export async function countOf(pool: Pool, chats: readonly number[]): Promise<number> {
  const [row] = await rows(pool, 'SELECT SUM(last_number) AS total FROM chats WHERE id IN (?)', [chats]);
  return Number(row?.['total'] ?? 0);
}

/** What the record itself says of a run. */
export async function tallyOf(pool: Pool, run: string, count: number): Promise<Tally> {
  const tally = new Tally(count);
  for (const row of await rows(pool, 'SELECT text FROM messages WHERE text LIKE ?', [`${run} %`])) {
    tally.add(numberOf(row['text'] as string, run) ?? 0);
  }
  return tally;
}
