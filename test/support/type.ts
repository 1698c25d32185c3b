import type { OperatorClient } from './operator-client.js';
import { until } from './until.js';

/** Types a line to this contact, and gives what Foyer answers in the same window. */
export async function type(client: OperatorClient, to: string, line: string): Promise<string> {
  const before = client.texts(to).length;
  await client.say(to, line);
  return until(
    () =>
      client
        .texts(to)
        .slice(before)
        .find((text) => text.startsWith('[Foyer] ')),
    `an answer to ${line}`,
  );
}
