import { expect } from 'chai';
import { presenceStanza, stanzaFor } from '../../../../bridge/outbound/xmpp/stanzas.js';

const to = 'olga@example.org';

describe('stanzas of outbox entries', () => {
  it('ask for a receipt and a marker where delivery is tracked', () => {
    const stanza = stanzaFor({ kind: 'xmpp.message', to, id: 'm1', body: 'a < b', track: { chatId: 1, number: 2 } });
    expect(stanza.toString()).to.equal(
      '<message type="chat" to="olga@example.org" id="m1"><body>a &lt; b</body>' +
        '<active xmlns="http://jabber.org/protocol/chatstates"/><request xmlns="urn:xmpp:receipts"/>' +
        '<markable xmlns="urn:xmpp:chat-markers:0"/><origin-id xmlns="urn:xmpp:sid:0" id="m1"/></message>',
    );
  });

  it('ask for nothing in a notice', () => {
    const stanza = stanzaFor({ kind: 'xmpp.message', to, id: 'n1', body: 'You are next.' });
    expect(stanza.getChildElements().map(({ name }) => name)).to.deep.equal(['body', 'origin-id']);
  });

  it('put one text in the place of another, or take it away', () => {
    const edit = stanzaFor({ kind: 'xmpp.message', to, id: 'n2', body: 'Hello', replaces: 'm1' });
    expect(edit.getChild('replace', 'urn:xmpp:message-correct:0')?.attrs['id']).to.equal('m1');
    const gone = stanzaFor({ kind: 'xmpp.message', to, id: 'n3', body: 'It was deleted.', retracts: 'm1' });
    expect(gone.getChild('retract', 'urn:xmpp:message-retract:1')?.attrs['id']).to.equal('m1');
    expect(gone.getChild('fallback', 'urn:xmpp:fallback:0')?.attrs['for']).to.equal('urn:xmpp:message-retract:1');
    expect(gone.getChild('store', 'urn:xmpp:hints')).not.to.equal(undefined);
  });

  it('show what is being typed', () => {
    const rtt = stanzaFor({ kind: 'xmpp.chat-state', to, state: 'composing', preview: 'Wa\u0000it' }).getChild(
      ...(['rtt', 'urn:xmpp:rtt:0'] as const),
    );
    expect(rtt?.attrs).to.deep.include({ event: 'reset', seq: '0' });
    expect(rtt?.getChildText('t')).to.equal('Wa\uFFFDit');
  });

  it('are kept nowhere when they have no body', () => {
    const stanzas = [
      stanzaFor({ kind: 'xmpp.chat-state', to, state: 'composing' }),
      stanzaFor({ kind: 'xmpp.receipt', to, messageId: 'x' }),
      stanzaFor({ kind: 'xmpp.displayed', to, messageId: 'x' }),
    ];
    expect(stanzas.map((stanza) => stanza.getChildElements().map(({ name }) => name))).to.deep.equal([
      ['composing', 'no-store'],
      ['received', 'no-store'],
      ['displayed', 'no-store'],
    ]);
    expect(stanzas[1]?.getChild('received', 'urn:xmpp:receipts')?.attrs['id']).to.equal('x');
    expect(stanzas[2]?.getChild('displayed', 'urn:xmpp:chat-markers:0')?.attrs['id']).to.equal('x');
  });

  it('show presence with a nick on one line, and no empty status', () => {
    expect(presenceStanza('Anna\nB', '').toString()).to.equal(
      '<presence><nick xmlns="http://jabber.org/protocol/nick">Anna B</nick></presence>',
    );
    expect(presenceStanza('A', 'on /x').getChildText('status')).to.equal('on /x');
  });
});
