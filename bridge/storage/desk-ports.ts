import type { DeskPorts } from '../domain/desk-ports.js';
import { cannedReplyStore } from './canned-reply-store.js';
import { hoursStore } from './hours-store.js';
import { offlineMessageStore } from './offline-message-store.js';
import { accountPoolStore } from './account-pool-store.js';
import { routingStore } from './routing-store.js';
import type { UnitOfWork } from './unit-of-work.js';

export function deskPorts(work: UnitOfWork): DeskPorts {
  return {
    ...{ hours: hoursStore(work), routing: routingStore(work), offlineMessages: offlineMessageStore(work) },
    pools: accountPoolStore(work),
    cannedReplies: cannedReplyStore(work),
  };
}
