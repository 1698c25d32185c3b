import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApiKey, newApiKey } from '../../bridge/domain/instances/create-api-key.js';
import { randomIds } from '../../bridge/shared/ids.js';
import { hashSecret } from '../../bridge/storage/credentials.js';
import type { Bench } from './support/bench.js';
import type { BenchChat, BenchFoyer } from './support/bench-foyer.js';
import { percentiles } from './support/figures.js';
import { HttpConnection } from './support/http-load.js';
import { PER_SECOND, sendRaw, Steady } from './support/steady.js';

/** Both ways between a helpdesk and an operator's client, in the worst percent. */
const TARGET = { atMost: 150 };

/** 50 messages a second from a helpdesk's API to operators' clients, and from these to its callback address, in turns with as many without Foyer. */
export async function helpdesk(bench: Bench): Promise<void> {
  const { foyer, chats, pairs, sizes } = bench;
  const key = await apiKey(foyer);
  let heard: (text: string) => void = () => undefined;
  const receiver = await receive((text) => heard(text));
  await callBack(foyer, key, receiver.url);
  const connections = await Promise.all(chats.map(() => HttpConnection.open(foyer.base)));
  const chatOf = (number: number) => chats[number % chats.length] as BenchChat;
  const [raw, fromHelpdesk, fromOperator] = [new Steady(), new Steady(), new Steady()];
  for (let round = 0; round <= sizes.rounds; round += 1) {
    const runs = [bench.newRun(), bench.newRun(), bench.newRun()] as const;
    await sendRaw(raw, pairs, runs[0], sizes.steadySeconds);
    await fromHelpdesk.run(
      runs[1],
      sizes.steadySeconds,
      (number, text) => {
        const connection = connections[number % chats.length] as HttpConnection;
        const body = { message_id: `${runs[1]}-${number}`, text };
        void connection.post(`/api/v1/chats/${chatOf(number).id}/messages`, body, `Bearer ${key}`);
      },
      (arrived) => chats.forEach(({ operator }) => (operator.onText = arrived)),
    );
    await fromOperator.run(
      runs[2],
      sizes.steadySeconds,
      (number, text) => void chatOf(number).operator.say(chatOf(number).contact, text, `${runs[2]}-${number}`),
      (arrived) => (heard = arrived),
    );
  }
  for (const connection of connections) connection.close();
  await receiver.stop();
  const rawFigures = percentiles(raw.milliseconds);
  for (const [steady, what] of [
    [fromHelpdesk, 'helpdesk’s API to operator'],
    [fromOperator, 'operator to helpdesk’s callback'],
  ] as const) {
    const { lost, doubled, milliseconds } = steady;
    for (const [name, value] of Object.entries(percentiles(milliseconds))) {
      bench.report({
        ...{ measure: `${PER_SECOND}/s`, what: `${what}, ${name}`, value, unit: 'ms' },
        raw: rawFigures[name as keyof typeof rawFigures],
        ...(name === 'p99' ? { target: TARGET } : {}),
        ...(name === 'max' ? { lost, doubled } : {}),
      });
    }
  }
}

async function apiKey(foyer: BenchFoyer): Promise<string> {
  const key = newApiKey(randomIds);
  const about = { instanceId: 1, name: 'bench', scopes: ['chats', 'outbox'] as const, expiresAt: null };
  await foyer.core.transactions.alone((tx) => createApiKey(tx, hashSecret, key, about));
  return key;
}

async function callBack(foyer: BenchFoyer, key: string, url: string): Promise<void> {
  const response = await fetch(`${foyer.base}/api/v1/instance/callback`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  });
  if (!response.ok) throw new Error(`The callback address was answered with ${response.status}`);
}

/** A callback address that answers at once. */
async function receive(onText: (text: string) => void): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const said = JSON.parse(Buffer.concat(chunks).toString()) as {
        type: string;
        data: { message: { text: string } };
      };
      if (said.type === 'operator.message') onText(said.data.message.text);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
