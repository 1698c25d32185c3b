import { expect } from 'chai';
import fc from 'fast-check';
import { formatCursor, parseCursor } from '../../../bridge/domain/chats/feed.js';
import { parseStanzaId, stanzaIdOf, textBytes } from '../../../bridge/domain/chats/message.js';
import { accountLane, chatOf, helpdeskLane } from '../../../bridge/domain/outbox/lane.js';
import { webhookId } from '../../../bridge/domain/outbox/webhook-id.js';

const id = fc.integer({ min: 0, max: 999_999_999_999_999 });
const small = fc.integer({ min: 0, max: 999_999_999 });

describe('a stanza id', () => {
  it('leads back to the message and the operator it was made for', () => {
    fc.assert(
      fc.property(id, small, small, (chatId, number, operatorId) => {
        expect(parseStanzaId(stanzaIdOf({ chatId, number }, operatorId))).to.deep.equal({
          chatId,
          number,
          operatorId,
        });
      }),
    );
  });

  it('is another one for each operator', () => {
    const ids = [3, 4].map((operatorId) => stanzaIdOf({ chatId: 1, number: 2 }, operatorId));
    expect(new Set(ids).size).to.equal(2);
  });

  for (const text of [
    '',
    'foyer',
    'foyer.1',
    'foyer.1.2',
    'foyer.1.2.3.4',
    'foyer.1.2.x',
    'foyer.-1.2.3',
    'xfoyer.1.2.3',
    'foyer.1.2.3 ',
    'foyer.1.2.3\n',
    'foyer-notice.01J',
    `foyer.${'9'.repeat(16)}.1.1`,
  ]) {
    it(`isn’t ${JSON.stringify(text)}`, () => expect(parseStanzaId(text)).to.equal(null));
  }
});

describe('a cursor', () => {
  it('reads as it was written', () => {
    fc.assert(
      fc.property(id, small, (chatId, number) => {
        expect(parseCursor(formatCursor({ chatId, number }))).to.deep.equal({ chatId, number });
      }),
    );
  });

  it('may stand before everything', () => expect(parseCursor('0.0')).to.deep.equal({ chatId: 0, number: 0 }));

  for (const text of [
    '',
    '.',
    '1',
    '1.',
    '.1',
    '1.2.3',
    '-1.2',
    '1.-2',
    '1.2 ',
    ' 1.2',
    '1.2\n',
    '0x1.2',
    '1e3.2',
    '١.٢',
    `${'9'.repeat(16)}.1`,
    `1.${'9'.repeat(10)}`,
  ]) {
    it(`isn’t ${JSON.stringify(text)}`, () => expect(parseCursor(text)).to.equal(null));
  }
});

describe('the length of a text', () => {
  for (const [text, bytes] of [
    ['', 0],
    ['a', 1],
    ['ü', 2],
    ['€', 3],
    ['😀', 4],
    ['👩‍👩‍👧', 18],
  ] as const) {
    it(`is ${bytes} for “${text}”`, () => expect(textBytes(text)).to.equal(bytes));
  }
});

describe('a webhook id', () => {
  const createdAt = new Date('2026-11-21T10:00:00.000Z');

  it('stays the same over all tries of a callback', () => {
    expect(webhookId({ id: 7, createdAt }, {})).to.equal(webhookId({ id: 7, createdAt: new Date(createdAt) }, {}));
  });

  it('is another one for another callback, also in a database that counts anew', () => {
    expect(webhookId({ id: 8, createdAt }, {})).to.not.equal(webhookId({ id: 7, createdAt }, {}));
    expect(webhookId({ id: 7, createdAt: new Date(createdAt.getTime() + 1) }, {})).to.not.equal(
      webhookId({ id: 7, createdAt }, {}),
    );
  });

  it('is the old one when a person sends a dead callback again', () => {
    expect(webhookId({ id: 99, createdAt: new Date() }, { webhookId: 'foyer_7_x' })).to.equal('foyer_7_x');
  });
});

describe('the chat of an outbox entry', () => {
  const callback = { kind: 'helpdesk.callback', type: 'chat.closed', data: {}, at: '2026-11-25T08:00:00Z' } as const;
  const message = { kind: 'xmpp.message', to: 'anna@x.org', id: 'i', body: 'x' } as const;

  it('is told by the message that it carries, or by the lane that it is in', () => {
    expect(chatOf(accountLane(7), { ...message, track: { chatId: 42, number: 1 } })).to.equal(42);
    expect(chatOf(helpdeskLane(1, 'c42'), callback)).to.equal(42);
  });

  it('isn’t told by what is about no chat', () => {
    expect(chatOf(accountLane(7), message)).to.equal(undefined);
    expect(chatOf(helpdeskLane(1, 'v42'), callback)).to.equal(undefined);
    expect(chatOf(helpdeskLane(1, 'operators'), callback)).to.equal(undefined);
  });
});
