import { loadCommands } from '../compose-commands.js';
import type { Core } from '../compose.js';
import type { RejectedEvent } from '../domain/rejected-event.js';
import { retryRejected } from '../inbound/ejabberd-hooks/rejected.js';
import { listRejected } from '../storage/rejected-events.js';
import { command, JSON_OUT } from './command.js';
import { say } from './io.js';
import { printItems } from './output.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const EVENTS_AT_MOST = 1_000;

export const events = command({
  name: 'events',
  summary: 'Lists events of mod_foyer that were rejected, the newest first. Texts of messages aren’t shown.',
  options: {
    instance: { type: 'string', value: 'NAME', text: 'only those of this instance' },
    resend: { type: 'string', value: 'ID', text: 'take this one again, as if it came now' },
    json: JSON_OUT,
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { resend, json, instance } = call.values;
      if (resend === undefined) {
        const instanceId = instance === undefined ? null : (await instanceOf(core, instance)).id;
        const items = (await listRejected(core.pool, { instanceId, limit: EVENTS_AT_MOST })).map(itemOf);
        return printItems(call.io, items, { json, empty: 'No events were rejected.' });
      }
      await takeAgain(core, resend);
      say(call.io, `Event ${resend} was taken.`);
    }),
});

async function takeAgain(core: Core, id: string): Promise<void> {
  const { limits, ejabberd } = core.settings;
  const { id: instanceId } = await instanceOf(core);
  const context = {
    limits: { messageBytes: limits.message_bytes, chatBytes: limits.chat_bytes },
    commands: await loadCommands(),
    serviceLocal: ejabberd.service_account,
  };
  await core.transactions.alone(async (tx) => {
    await retryRejected(tx, context, id, null);
    tx.audit.add({ instanceId, actor: CLI_ACTOR, action: 'events.resend', subject: `event:${id}` });
  });
}

function itemOf({ id, instanceName, code, reason, event, receivedAt }: RejectedEvent) {
  const text = (name: string) => (typeof event[name] === 'string' ? event[name] : null);
  return {
    ...{ id, what: text('kind'), from: text('from') ?? text('operator'), to: text('to') },
    ...{ instance: instanceName, received_at: receivedAt, code, reason },
  };
}
