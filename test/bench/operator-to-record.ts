import type { BenchChat, BenchFoyer } from './support/bench-foyer.js';
import type { Rate } from './support/bench.js';
import { countOf, numbered, tallyOf } from './support/record.js';
import { until } from '../support/until.js';

/** All operators at once, each to its chats in turn; resolves when the sockets have taken all. */
export async function sendFromOperators(chats: readonly BenchChat[], run: string, count: number): Promise<void> {
  const byOperator = new Map<BenchChat['operator'], BenchChat[]>();
  for (const chat of chats) byOperator.set(chat.operator, [...(byOperator.get(chat.operator) ?? []), chat]);
  let next = 0;
  const work = async (operator: BenchChat['operator'], own: readonly BenchChat[]) => {
    for (let turn = 0; next < count; turn += 1) {
      const number = next;
      next += 1;
      await operator.say((own[turn % own.length] as BenchChat).contact, numbered(run, number), `${run}-${number}`);
    }
  };
  await Promise.all([...byOperator].map(([operator, own]) => work(operator, own)));
}

/** From the first send until the record has all. */
export async function operatorToRecord(
  foyer: BenchFoyer,
  chats: readonly BenchChat[],
  run: string,
  count: number,
): Promise<Rate> {
  const ids = chats.map(({ id }) => id);
  const before = await countOf(foyer.pool, ids);
  const started = performance.now();
  await sendFromOperators(chats, run, count);
  await until(async () => (await countOf(foyer.pool, ids)) >= before + count, `${count} messages in the record`, 120);
  const seconds = (performance.now() - started) / 1000;
  const { lost, doubled } = await tallyOf(foyer.pool, run, count);
  return { perSecond: count / seconds, lost, doubled };
}
