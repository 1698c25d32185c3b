import type { Outbox } from '../domain/ports.js';
import type { OutboxEntry } from '../domain/outbox/entry.js';
import { accountLane, helpdeskLane, mailLane, type Target } from '../domain/outbox/lane.js';
import type { UnitOfWork } from './unit-of-work.js';

export function outboxStore(work: UnitOfWork): Outbox {
  const add = (
    lane: string,
    target: Target,
    instanceId: number,
    accountId: number | null,
    entry: OutboxEntry,
  ): void => {
    work.pending.lanes.push([lane, target, instanceId, accountId]);
    work.pending.outbox.push([lane, JSON.stringify(entry), instanceId, work.now]);
  };
  return {
    toAccount(account, entry) {
      add(accountLane(account.id), 'account', account.instanceId, account.id, entry);
    },
    toHelpdesk(instance, lane, type, data) {
      if (instance.callbackUrl === null) return;
      const entry: OutboxEntry = { kind: 'helpdesk.callback', type, data, at: work.now.toISOString() };
      add(helpdeskLane(instance.id, lane), 'helpdesk', instance.id, null, entry);
    },
    toMail(instanceId, entry) {
      add(mailLane(instanceId, entry.about), 'mail', instanceId, null, entry);
    },
    again({ lane, target, instanceId, accountId, entry }) {
      add(lane, target, instanceId, accountId, entry);
    },
  };
}
