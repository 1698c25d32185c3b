import { expect } from 'chai';
import type { Message } from '../../../bridge/domain/chats/message.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import type { Reads } from '../../../bridge/domain/reads.js';
import { presentMessage } from '../../../bridge/inbound/visitor-api/present.js';

const reads = {
  operator: (id: number) => Promise.resolve(id === 1 ? ({ id, name: 'Anna' } as Operator) : undefined),
} as Reads;

function buildMessage(more: Partial<Message>): Message {
  return {
    ...{ chatId: 1, instanceId: 1, number: 1, sender: 'operator', operatorId: null, authorName: null, text: 'Hi' },
    ...{ senderKey: 'h:1', stanzaId: null, markable: false, unstyled: false, state: 'stored', createdAt: new Date(0) },
    ...{ ackedAt: null, deliveredAt: null, seenAt: null, correctedAt: null, deletedAt: null },
    ...more,
  };
}

describe('a message as a page shows it', () => {
  for (const [who, more, name] of [
    ['an operator', { operatorId: 1 }, 'Anna'],
    ['somebody in the helpdesk’s pages', { authorName: 'Night shift' }, 'Night shift'],
    ['the system', { sender: 'system' }, null],
  ] as [string, Partial<Message>, string | null][]) {
    it(`names ${who} as ${name ?? 'nobody'}`, async () => {
      expect((await presentMessage(reads, buildMessage(more))).name).to.equal(name);
    });
  }
});
