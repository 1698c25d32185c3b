import type { Bench } from './support/bench.js';
import type { BenchChat } from './support/bench-foyer.js';
import { listen } from './support/event-stream.js';
import { percentiles } from './support/figures.js';
import { HttpConnection } from './support/http-load.js';
import { PER_SECOND, sendRaw, Steady } from './support/steady.js';

/** What a message through Foyer may take longer than one without, in the worst percent. */
const TARGET = { atMostOverRaw: 25 };

/** 50 messages a second, without Foyer and both ways through it, in turns. */
export async function latency(bench: Bench): Promise<void> {
  const { foyer, chats, pairs, sizes } = bench;
  const [raw, fromOperator, fromPage] = [new Steady(), new Steady(), new Steady()];
  const connections = await Promise.all(chats.map(() => HttpConnection.open(foyer.base)));
  let heard: (text: string) => void = () => undefined;
  const streams = await Promise.all(chats.map(({ token }) => listen(foyer.base, token, (text) => heard(text))));
  const chatOf = (number: number) => chats[number % chats.length] as BenchChat;
  const rounds = sizes.rounds + 1;
  for (let round = 0; round < rounds; round += 1) {
    const runs = [bench.newRun(), bench.newRun(), bench.newRun()] as const;
    await sendRaw(raw, pairs, runs[0], sizes.steadySeconds);
    await fromOperator.run(
      runs[1],
      sizes.steadySeconds,
      (number, text) => void chatOf(number).operator.say(chatOf(number).contact, text, `${runs[1]}-${number}`),
      (arrived) => (heard = arrived),
    );
    heard = () => undefined;
    await fromPage.run(
      runs[2],
      sizes.steadySeconds,
      (number, text) => {
        const { id, token } = chatOf(number);
        const connection = connections[number % chats.length] as HttpConnection;
        void connection.post(
          `/visitor/v1/chats/${id}/messages`,
          { client_message_id: `${runs[2]}-${number}`, text },
          token,
        );
      },
      (arrived) => chats.forEach(({ operator }) => (operator.onText = arrived)),
    );
  }
  for (const stream of streams) stream.close();
  for (const connection of connections) connection.close();
  const rawFigures = percentiles(raw.milliseconds);
  const ways = [
    { steady: raw, what: 'c2s to c2s' },
    { steady: fromOperator, what: 'operator to record to page (SSE)' },
    { steady: fromPage, what: 'page (POST) to operator' },
  ];
  for (const { steady, what } of ways) {
    const { lost, doubled, milliseconds } = steady;
    for (const [name, value] of Object.entries(percentiles(milliseconds))) {
      bench.report({
        ...{ measure: `${PER_SECOND}/s`, what: `${what}, ${name}`, value, unit: 'ms' },
        ...(steady === raw ? {} : { raw: rawFigures[name as keyof typeof rawFigures] }),
        ...(steady !== raw && name === 'p99' ? { target: TARGET } : {}),
        ...(name === 'max' ? { lost, doubled } : {}),
      });
    }
  }
}
