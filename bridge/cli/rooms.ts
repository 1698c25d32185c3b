import { z } from 'zod';
import { removePool, setPool } from '../domain/rooms/make-room.js';
import { isOpenRoom, ROOM_STATES, roomJid } from '../domain/rooms/room.js';
import { poolOf, poolSettings } from '../inbound/helpdesk-api/room-pools.js';
import { createRoomReads } from '../storage/room-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { departmentIds } from './department.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { parsed } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const SHOWN_AT_MOST = 1000;

export const roomsList = command({
  name: 'rooms list',
  summary: 'Lists rooms: state, since when, whose, and who is in them.',
  args: [],
  options: {
    all: { type: 'boolean', text: 'those that are over too' },
    instance: INSTANCE,
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const states = ROOM_STATES.filter((state) => call.values.all === true || isOpenRoom({ state }));
      const views = await createRoomReads(core.pool).list(id, { states, limit: SHOWN_AT_MOST });
      const items = views.map(({ room, operatorName, chatNumber, occupants }) => ({
        ...{ id: room.id, purpose: room.purpose, state: room.state, since: room.stateSince, title: room.title },
        ...{ operator: operatorName, chat: chatNumber, occupants: occupants.map(({ nick }) => nick) },
        jid: roomJid(room),
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'There are no rooms.' });
    }),
});

const number = (text: string) => ({ type: 'string', value: 'N', text }) as const;

export const roomsPool = command({
  name: 'rooms pool',
  summary: 'Has a department’s chats take place in rooms that stand ready, or with contacts again.',
  args: ['DEPARTMENT'],
  options: {
    size: number('rooms that stand ready; usually 10'),
    'max-rooms': number('rooms at a time; usually 100'),
    'max-per-operator': number('rooms of one operator at a time; usually 3'),
    'max-occupants': number('people in a room; usually 10'),
    'allocation-seconds': number('how long an operator may take to come in; usually 300'),
    remove: { type: 'boolean', text: 'contacts again' },
    instance: INSTANCE,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { values } = call;
      const [name = ''] = call.args;
      const instance = await instanceOf(core, values.instance);
      const [departmentId = 0] = await departmentIds(core, instance, [name]);
      const subject = `department:${departmentId}`;
      if (values.remove === true) {
        await core.transactions.alone(async (tx) => {
          await removePool(tx, instance.id, departmentId);
          const action = 'department.room_pool_removed';
          tx.audit.add({ instanceId: instance.id, actor: CLI_ACTOR, action, subject });
        });
        return say(call.io, `Chats of ${name} are with contacts.`);
      }
      const given = Object.fromEntries(
        Object.keys(poolSettings).flatMap((key) => {
          const value = values[key.replaceAll('_', '-') as 'size'];
          return value === undefined ? [] : [[key, Number(value)]];
        }),
      );
      const settings = parsed('The pool', z.strictObject(poolSettings), given);
      await core.transactions.alone(async (tx) => {
        await setPool(tx, poolOf(instance.id, departmentId, settings));
        const action = 'department.room_pool';
        tx.audit.add({ instanceId: instance.id, actor: CLI_ACTOR, action, subject, details: settings });
      });
      say(call.io, `Chats of ${name} take place in rooms: ${settings.size} stand ready soon.`);
    }),
});
