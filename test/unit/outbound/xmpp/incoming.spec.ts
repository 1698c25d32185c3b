import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { answerTo, readBounce } from '../../../../bridge/outbound/xmpp/incoming.js';

const NS_STANZAS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('what a visitor session receives', () => {
  it('is answered with an error when it is a query that visitors do not answer', () => {
    for (const type of ['get', 'set']) {
      const answer = answerTo(xml('iq', { type, id: 'q', from: 'a@b/c' }, xml('query', { xmlns: 'jabber:iq:roster' })));
      expect(answer?.attrs).to.deep.equal({ type: 'error', id: 'q', to: 'a@b/c' });
      expect(answer?.getChild('error')?.getChild('service-unavailable', NS_STANZAS)).to.exist;
    }
  });

  it('is answered to the server when it has no sender', () => {
    const answer = answerTo(xml('iq', { type: 'get', id: 'p' }, xml('ping', { xmlns: 'urn:xmpp:ping' })));
    expect(answer?.attrs).to.deep.equal({ type: 'result', id: 'p' });
  });

  it('is not answered when it is a result, an error, a message or presence', () => {
    for (const stanza of [
      xml('iq', { type: 'result', id: '1' }),
      xml('iq', { type: 'error', id: '1' }),
      xml('message'),
      xml('presence'),
    ]) {
      expect(answerTo(stanza)).to.equal(null);
    }
  });

  it('is refused when it is words: mod_foyer would have taken them', () => {
    const answer = answerTo(xml('message', { type: 'chat', id: 'm1', from: 'a@b/c' }, xml('body', null, 'Hello')));
    expect(answer?.attrs).to.deep.equal({ type: 'error', id: 'm1', to: 'a@b/c' });
    expect(answer?.getChild('error')?.getChild('service-unavailable', NS_STANZAS)).to.exist;
    for (const type of ['error', 'groupchat', 'headline'])
      expect(answerTo(xml('message', { type, from: 'a@b/c' }, xml('body', null, 'Hello'))), type).to.equal(null);
  });

  it('is a bounce when it is an error to a message with an id', () => {
    const error = xml(
      'error',
      { type: 'cancel' },
      xml('not-acceptable', { xmlns: NS_STANZAS }),
      xml('text', { xmlns: NS_STANZAS }, 'Too long'),
    );
    expect(readBounce(xml('message', { type: 'error', id: 'm1' }, error))).to.deep.equal({
      id: 'm1',
      condition: 'not-acceptable',
      text: 'Too long',
    });
    expect(readBounce(xml('message', { type: 'error', id: 'm1' }))).to.deep.equal({
      id: 'm1',
      condition: 'undefined-condition',
      text: '',
    });
    expect(readBounce(xml('message', { type: 'error' }, error))).to.equal(null);
    expect(readBounce(xml('message', { type: 'chat', id: 'm1' }))).to.equal(null);
  });
});
