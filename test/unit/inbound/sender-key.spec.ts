import { expect } from 'chai';
import { hookEvent, type HookEvent } from '../../../bridge/inbound/ejabberd-hooks/events.js';
import { senderKeyOf } from '../../../bridge/inbound/ejabberd-hooks/sender-key.js';

type MessageEvent = Extract<HookEvent, { kind: 'message' }>;

const LONG = '0b0f2c6e-5a39-4f0c-8b3e-0d7d8a6f1c11';

function buildEvent(more: Partial<MessageEvent> = {}): MessageEvent {
  const event = {
    id: 'spool-1',
    at: '2026-11-21T10:00:00.000Z',
    kind: 'message',
    from: 'anna@x.org/phone',
    to: 'visitor.1@x.org',
    stanza_id: LONG,
    body: 'Hi',
  };
  return hookEvent.parse({ ...event, ...more }) as MessageEvent;
}

describe('what the record calls an operator’s message', () => {
  const key = senderKeyOf(buildEvent());

  it('is the same when the client sends it again, over another connection too', () => {
    expect(senderKeyOf(buildEvent({ id: 'spool-2' }))).to.equal(key);
    expect(senderKeyOf(buildEvent({ id: 'spool-2', from: 'anna@x.org/phone.2' }))).to.equal(key);
  });

  for (const [name, more] of Object.entries<Partial<MessageEvent>>({
    'another id': { stanza_id: LONG.replace('0b', '1b') },
    'another text': { body: 'Hi!' },
    'another operator': { from: 'bert@x.org/phone' },
  })) {
    it(`is another for ${name}`, () => expect(senderKeyOf(buildEvent(more))).to.not.equal(key));
  }

  for (const id of ['', '1', 'purple5f3a9c01', 'a'.repeat(15)]) {
    it(`is the event’s own where the id “${id}” may come again`, () => {
      expect(senderKeyOf(buildEvent({ stanza_id: id }))).to.equal('x:spool-1');
    });
  }

  it('goes by the origin id (XEP-0359) where there is one', () => {
    const first = senderKeyOf(buildEvent({ stanza_id: '1', origin_id: LONG }));
    expect(senderKeyOf(buildEvent({ id: 'spool-2', stanza_id: '7', origin_id: LONG }))).to.equal(first);
  });

  it('fits the record’s column', () => {
    for (const one of [key, senderKeyOf(buildEvent({ stanza_id: '', id: 'e'.repeat(118) }))]) {
      expect(one).to.match(/^x:[\x21-\x7e]+$/);
      expect(one.length).to.be.at.most(120);
    }
  });
});
