import { tellByService } from '../chats/notify-operator.js';
import { operatorRef, presenceData, SNAPSHOT } from '../helpdesk-events.js';
import type { Tx } from '../ports.js';
import { tellMissed } from '../offline/tell-operators.js';
import type { Operator, OperatorPresence } from './operator.js';

/**
 * What an operator's clients say about it. Who comes online is shown the chats that wait. Reports may arrive twice or late: the newest
 * by `reportedAt` (ejabberd's clock) holds.
 */
export async function recordPresence(
  tx: Tx,
  operator: Operator,
  presence: OperatorPresence,
  reportedAt: Date | null,
): Promise<void> {
  const change = await tx.operators.setPresence(operator.id, presence, reportedAt);
  if (change === null || samePresence(change.before, presence)) return;
  const cameOnline = change.before.show === 'offline' && presence.show !== 'offline';
  const wentOffline = change.before.show !== 'offline' && presence.show === 'offline';
  if (cameOnline || wentOffline)
    tx.report({ what: cameOnline ? 'operatorOnline' : 'operatorOffline', operator: operator.id });
  if (cameOnline && !operator.approved) await tellByService(tx, operator, { key: 'not_approved' });
  if (cameOnline) await tellMissed(tx, operator);
  const instance = await tx.instances.get(operator.instanceId);
  const type = cameOnline
    ? 'operator.connected'
    : presence.show === 'offline'
      ? 'operator.disconnected'
      : 'operator.changed';
  tx.outbox.toHelpdesk(instance, 'operators', type, presenceData(operator, presence));
  // What it is offered, or can't be any more, is the dispatcher's.
  tx.queue.wake(operator.instanceId);
}

/** The whole list of operators online on a host: who isn't on it is offline. Heals what lost events left behind. */
export async function recordSnapshot(
  tx: Tx,
  host: string,
  online: readonly { operator: Operator; presence: OperatorPresence }[],
  reportedAt: Date,
): Promise<void> {
  for (const { operator, presence } of online) await recordPresence(tx, operator, presence, reportedAt);
  const present = new Set(online.map(({ operator }) => operator.id));
  for (const id of await tx.operators.onlineIds(host)) {
    const operator = present.has(id) ? undefined : await tx.operators.get(id);
    if (operator)
      await recordPresence(tx, operator, { show: 'offline', status: '', priority: 0, resources: 0 }, reportedAt);
  }
  // Also where nobody is online: a helpdesk that missed the last one's going would never hear of it.
  for (const instance of await tx.instances.onHost(host)) {
    const here = online.filter(({ operator }) => operator.instanceId === instance.id);
    const operators = here.map(({ operator, presence }) => ({
      ...operatorRef(operator),
      show: presence.show,
      status: presence.status,
    }));
    tx.outbox.toHelpdesk(instance, 'operators', SNAPSHOT, { operators });
  }
}

function samePresence(a: OperatorPresence, b: OperatorPresence): boolean {
  return a.show === b.show && a.status === b.status && a.priority === b.priority && a.resources === b.resources;
}
