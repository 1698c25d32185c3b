import { xml } from '@xmpp/client';
import { expect } from 'chai';
import { visible } from '../../../bridge/cli/operator-console/screen.js';
import { NS, readStanza } from '../../../bridge/cli/operator-console/stanzas.js';

const ME = 'anna@example.org';
const FROM = 'visitor.1@example.org/foyer';
const read = (stanza: Parameters<typeof readStanza>[0]) => readStanza(stanza, ME);

describe('what the operator console reads', () => {
  it('takes a text with what its sender wants to know', () => {
    const stanza = xml(
      'message',
      { from: FROM, id: 'm1', type: 'chat' },
      xml('body', {}, 'Hi'),
      xml('request', { xmlns: NS.receipts }),
      xml('markable', { xmlns: NS.markers }),
      xml('active', { xmlns: NS.states }),
    );
    expect(read(stanza)).to.deep.equal([
      {
        kind: 'message',
        from: 'visitor.1@example.org',
        id: 'm1',
        text: 'Hi',
        corrected: false,
        sentAt: null,
        wantsReceipt: true,
        markable: true,
      },
    ]);
  });

  it('sees corrections, and when a late text was written', () => {
    const stanza = xml(
      'message',
      { from: FROM },
      xml('body', {}, 'Hi!'),
      xml('replace', { xmlns: NS.correct, id: 'm1' }),
      xml('delay', { xmlns: NS.delay, stamp: '2026-11-21T05:00:00Z' }),
    );
    expect(read(stanza)).to.have.nested.property('[0].corrected', true);
    expect(read(stanza)).to.have.deep.nested.property('[0].sentAt', new Date('2026-11-21T05:00:00Z'));
  });

  it('takes typing, seen, and a text that came back', () => {
    const chat = (child: ReturnType<typeof xml>) => xml('message', { from: FROM, type: 'chat' }, child);
    expect(read(chat(xml('composing', { xmlns: NS.states })))).to.deep.equal([
      { kind: 'typing', from: 'visitor.1@example.org', typing: true },
    ]);
    expect(read(chat(xml('paused', { xmlns: NS.states })))).to.deep.equal([
      { kind: 'typing', from: 'visitor.1@example.org', typing: false },
    ]);
    expect(read(chat(xml('displayed', { xmlns: NS.markers, id: 'x' })))).to.deep.equal([
      { kind: 'seen', from: 'visitor.1@example.org' },
    ]);
    const error = xml(
      'message',
      { from: FROM, type: 'error' },
      xml('body', {}, 'Hi'),
      xml('error', {}, xml('gone', {}), xml('text', {}, 'too late')),
    );
    expect(read(error)).to.deep.equal([{ kind: 'refused', from: 'visitor.1@example.org', reason: 'too late' }]);
  });

  it('takes who is there, and by what name', () => {
    const presence = xml(
      'presence',
      { from: FROM },
      xml('status', {}, 'on /pricing'),
      xml('nick', { xmlns: NS.nick }, 'Vera'),
    );
    expect(read(presence)).to.deep.equal([
      { kind: 'presence', from: 'visitor.1@example.org', online: true, status: 'on /pricing', nick: 'Vera' },
    ]);
    expect(read(xml('presence', { from: FROM, type: 'unavailable' }))).to.have.nested.property('[0].online', false);
    const roster = xml(
      'iq',
      { type: 'result' },
      xml('query', { xmlns: NS.roster }, xml('item', { jid: 'visitor.1@example.org', name: 'Vera' })),
    );
    expect(read(roster)).to.deep.equal([{ kind: 'names', names: [{ jid: 'visitor.1@example.org', name: 'Vera' }] }]);
  });

  it('passes over its own other clients, and what nobody needs to see', () => {
    expect(read(xml('presence', { from: `${ME}/phone` }))).to.deep.equal([]);
    expect(read(xml('presence', { from: FROM, type: 'subscribe' }))).to.deep.equal([]);
    expect(read(xml('message', { from: FROM, type: 'headline' }))).to.deep.equal([]);
    expect(
      read(xml('iq', { type: 'get', from: 'example.org' }, xml('ping', { xmlns: 'urn:xmpp:ping' }))),
    ).to.deep.equal([]);
  });

  it('shows what others wrote without what a terminal would obey', () => {
    expect(visible('a\u001b]0;owned\u0007b\u009bc')).to.equal('a]0;ownedbc');
    expect(visible('one\r\ntwo\nthree')).to.equal('one\n    two\n    three');
    expect(visible('\u202egnp.exe\u2066')).to.equal('gnp.exe');
    expect(visible('👩‍👩‍👧 ok')).to.equal('👩‍👩‍👧 ok');
  });
});
