import { dropDeadLetter, resendDeadLetter } from '../domain/outbox/resend.js';
import { createHelpdeskReads } from '../storage/helpdesk-reads.js';
import { command, INSTANCE, JSON_OUT } from './command.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { count } from './parse.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const LANES_AT_MOST = 1_000;
const DEAD_AT_MOST = 1_000;

export const outboxList = command({
  name: 'outbox list',
  summary: 'Lists what waits to be sent, the oldest first: a lane for each account and each chat of a helpdesk.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const items = (await createHelpdeskReads(core.pool, core.box).lanes(id, LANES_AT_MOST)).map((lane) => ({
        ...{
          lane: lane.name,
          target: lane.accountJid ?? lane.target,
          entries: lane.depth,
          oldest: lane.oldestAt,
          tries: lane.attempts,
        },
        ...{ next_try: lane.nextAt, last_error: lane.lastError },
      }));
      printItems(call.io, items, { json: call.values.json, empty: 'Nothing waits.' });
    }),
});

export const outboxDead = command({
  name: 'outbox dead',
  summary: 'Lists what was given up, the newest first. Texts of messages aren’t shown.',
  options: { instance: INSTANCE, json: JSON_OUT },
  run: (call) =>
    withCore(call, async (core) => {
      const { id } = await instanceOf(core, call.values.instance);
      const items = (await createHelpdeskReads(core.pool, core.box).deadLetters(id, undefined, DEAD_AT_MOST)).map(
        (letter) => ({
          ...{
            id: letter.id,
            lane: letter.lane,
            what: letter.entry.kind === 'helpdesk.callback' ? letter.entry.type : letter.entry.kind,
          },
          ...{
            written_at: letter.createdAt,
            given_up_at: letter.diedAt,
            tries: letter.attempts,
            reason: letter.reason,
          },
        }),
      );
      printItems(call.io, items, { json: call.values.json, empty: 'No dead letters.' });
    }),
});

export const outboxResend = command({
  name: 'outbox resend',
  summary: 'Sends a dead letter again, behind what waits in its lane.',
  args: ['ID'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        await resendDeadLetter(tx, instanceId, id);
        tx.audit.add({ instanceId, actor: CLI_ACTOR, action: 'outbox.resend', subject: `dead:${id}` });
      });
      say(call.io, `Dead letter ${id} is in the outbox again.`);
    }),
});

export const outboxDrop = command({
  name: 'outbox drop',
  summary: 'Forgets a dead letter.',
  args: ['ID'],
  options: { instance: INSTANCE },
  run: (call) =>
    withCore(call, async (core) => {
      const id = count('ID', call.args[0] ?? '');
      const { id: instanceId } = await instanceOf(core, call.values.instance);
      await core.transactions.alone(async (tx) => {
        await dropDeadLetter(tx, instanceId, id);
        tx.audit.add({ instanceId, actor: CLI_ACTOR, action: 'outbox.drop', subject: `dead:${id}` });
      });
      say(call.io, `Dead letter ${id} is gone.`);
    }),
});
