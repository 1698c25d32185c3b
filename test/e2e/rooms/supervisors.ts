import { randomUUID } from 'node:crypto';
import { xml } from '@xmpp/client';
import type { Access } from '../../../bridge/domain/operators/operator.js';
import { run } from '../../../bridge/storage/pool.js';
import type { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { enter, invited, type Invitation } from './in-rooms.js';

export async function giveAccess(foyer: TestFoyer, user: string, access: Access): Promise<void> {
  await run(foyer.bridge.core.pool, `UPDATE operator_departments SET access = ? WHERE operator_id = ?`, [
    access,
    await operatorId(foyer, user),
  ]);
}

export async function operatorId(foyer: TestFoyer, user: string): Promise<number> {
  const [row] = await foyer.select(
    'SELECT operators.id FROM operators JOIN accounts ON accounts.id = operators.account_id WHERE accounts.local = ?',
    [user],
  );
  return Number(row?.['id']);
}

/** Changes how the department Support is supervised. */
export async function setDepartment(
  foyer: TestFoyer,
  column: 'tell_watched' | 'monitors_take_over' | 'grace_seconds',
  value: number,
): Promise<void> {
  await run(foyer.bridge.core.pool, `UPDATE departments SET ${column} = ? WHERE id = 1`, [value]);
}

/** Types `!watch` and comes into the room, as a client does. @param already rooms that it was invited into before */
export async function watch(
  foyer: TestFoyer,
  client: OperatorClient,
  number: number,
  nick: string,
  already: readonly string[] = [],
): Promise<Invitation> {
  const service = `foyer@${foyer.settings.ejabberd.host}`;
  const answers = client.texts(service).length;
  await client.say(service, `!watch ${number}`);
  const place = await invited(client, already);
  await until(
    async () => (await enter(client, place.room, nick, place.password)).attrs['type'] !== 'error',
    `${nick} in`,
  );
  await until(
    () =>
      client
        .texts(service)
        .slice(answers)
        .some((text) => text.includes('You watch chat')),
    'the answer to !watch',
  );
  return place;
}

/** A private message to an occupant (XEP-0045). */
export async function aside(client: OperatorClient, occupant: string, text: string): Promise<string> {
  const id = randomUUID();
  await client.send(
    xml(
      'message',
      { to: occupant, type: 'chat', id },
      xml('body', {}, text),
      xml('x', { xmlns: 'http://jabber.org/protocol/muc#user' }),
    ),
  );
  return id;
}

/** Who watches a chat, by the record. */
export async function watchers(foyer: TestFoyer, chatId: number): Promise<string[]> {
  const found = await foyer.select(
    `SELECT operators.name FROM supervisions JOIN operators ON operators.id = supervisions.operator_id
      WHERE supervisions.chat_id = ? AND supervisions.kind = 'watch' AND supervisions.ended_at IS NULL ORDER BY supervisions.id`,
    [chatId],
  );
  return found.map((row) => row['name'] as string);
}

/** Whispers in the record, in order: `author: text`. */
export async function whispers(foyer: TestFoyer, chatId: number): Promise<string[]> {
  const found = await foyer.select(
    "SELECT author, text FROM chat_notes WHERE chat_id = ? AND kind = 'whisper' ORDER BY id",
    [chatId],
  );
  return found.map((row) => `${row['author']}: ${row['text']}`);
}
