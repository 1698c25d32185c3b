import type { BenchChat, BenchFoyer } from './support/bench-foyer.js';
import type { Rate } from './support/bench.js';
import { HttpConnection } from './support/http-load.js';
import { numberOf, numbered, Tally, tallyOf } from './support/record.js';

/** From the first request until the operators' clients have all: one kept connection for each page, which waits for its answer before it sends on. */
export async function pageToOperator(
  foyer: BenchFoyer,
  chats: readonly BenchChat[],
  run: string,
  count: number,
  messagesPerRequest: number,
): Promise<Rate> {
  const pages = await Promise.all(
    chats.map(async (chat) => ({ chat, connection: await HttpConnection.open(foyer.base) })),
  );
  const arrived = new Tally(count);
  const all = new Promise<void>((resolve) => {
    for (const { operator } of chats) {
      operator.onText = (text) => {
        const number = numberOf(text, run);
        if (number === null) return;
        arrived.add(number);
        if (arrived.arrived === count) resolve();
      };
    }
  });
  let next = 0;
  const started = performance.now();
  const work = async ({ chat, connection }: (typeof pages)[number]) => {
    while (next < count) {
      const numbers = Array.from({ length: Math.min(messagesPerRequest, count - next) }, (_, i) => next + i);
      next += numbers.length;
      const messages = numbers.map((number) => ({
        client_message_id: `${run}-${number}`,
        text: numbered(run, number),
      }));
      const body = messagesPerRequest === 1 ? messages[0] : { messages };
      const answer = await connection.post(`/visitor/v1/chats/${chat.id}/messages`, body, chat.token);
      if (answer.status !== 202) throw new Error(`A message was answered with ${answer.status}: ${answer.body}`);
    }
  };
  await Promise.all(pages.map(work));
  await all;
  const seconds = (performance.now() - started) / 1000;
  for (const { connection } of pages) connection.close();
  const recorded = await tallyOf(foyer.pool, run, count);
  return {
    perSecond: count / seconds,
    lost: Math.max(arrived.lost, recorded.lost),
    doubled: Math.max(arrived.doubled, recorded.doubled),
  };
}
