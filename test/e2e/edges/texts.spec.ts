import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, notices, recordOnceLater, refusalOf, type Talk } from './talk.js';

const body = (text: string, lang?: string) => xml('body', lang === undefined ? {} : { 'xml:lang': lang }, text);

describe('what an operator’s client may send', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  it('takes the body without a language where there are several', async () => {
    await anna.send(
      xml(
        'message',
        { to: talk.contact, type: 'chat', id: 'lang-1' },
        body('Guten Tag', 'de'),
        body('Good day'),
        body('Bonjour', 'fr'),
      ),
    );
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'Good day']);
  });

  it('takes the first body where each has a language', async () => {
    await anna.send(
      xml('message', { to: talk.contact, type: 'chat', id: 'lang-2' }, body('Guten Tag', 'de'), body('Bonjour', 'fr')),
    );
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'Guten Tag']);
  });

  it('takes messages of type normal and of no type', async () => {
    await anna.send(xml('message', { to: talk.contact, type: 'normal', id: 'type-1' }, body('normal')));
    await anna.send(xml('message', { to: talk.contact, id: 'type-2' }, body('none')));
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'normal', 'none']);
  });

  it('leaves headlines and errors alone', async () => {
    await anna.send(xml('message', { to: talk.contact, type: 'headline', id: 'type-3' }, body('news')));
    await anna.send(
      xml('message', { to: talk.contact, type: 'error', id: 'type-4' }, body('oops'), xml('error', { type: 'cancel' })),
    );
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
  });

  for (const kilobytes of [60, 200]) {
    it(`refuses ${kilobytes} kB with a text that names the limit, and the session goes on`, async () => {
      const id = await anna.say(talk.contact, 'x'.repeat(kilobytes * 1000));
      const refusal = await refusalOf(anna, id);
      expect(refusal.condition).to.equal('not-acceptable');
      expect(refusal.text).to.contain('30720');
      expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
    });
  }

  it('takes 30,720 bytes from an operator and refuses one more', async () => {
    const most = '€'.repeat(10_240);
    await anna.say(talk.contact, most);
    const id = await anna.say(talk.contact, `${most}!`);
    expect((await refusalOf(anna, id)).text).to.contain('30720');
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', most]);
  });

  it('takes 30,720 bytes from a page and refuses one more', async () => {
    const most = '€'.repeat(10_240);
    expect((await talk.page.say(talk.chatId, most)).status).to.equal(202);
    const refused = await talk.page.say(talk.chatId, `${most}!`);
    expect(refused.status).to.equal(413);
    expect(refused.body).to.deep.include({ code: 'message_too_long' });
    await until(() => anna.texts(talk.contact).includes(most), 'all of it at the operator');
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', most]);
  });

  it('records nothing for an empty body, white space and no body at all', async () => {
    for (const text of ['', ' ', '\n\t  \n', '\u00a0\u2003']) await anna.say(talk.contact, text);
    await anna.send(xml('message', { to: talk.contact, type: 'chat', id: 'none' }));
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
  });

  it('refuses an empty text of a page, and the chat goes on', async () => {
    for (const text of ['', '  \n'])
      expect((await talk.page.say(talk.chatId, text)).body).to.deep.include({ code: 'invalid_request' });
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
  });

  const PECULIAR = [
    '😀 👩‍👩‍👧 🇩🇪',
    `"double" 'single' ‘curly’`,
    '<b>bold</b> &amp; &lt; & <!-- c --> <![CDATA[ x ]]> ]]>',
    'one\ntwo\n\nfour\tfive',
    '漢字 ü ﷽ \u202eright\u202c z͑ͫ̓',
    "'; DROP TABLE messages; -- %s ${x} {{x}} \\0 \\n",
  ];

  it('carries emoji, quotes, markup, newlines and tabs unchanged to the page', async () => {
    for (const text of PECULIAR) await anna.say(talk.contact, text);
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', ...PECULIAR]);
    expect((await talk.page.messages(talk.chatId)).slice(1, -1).map(({ text }) => text)).to.deep.equal(PECULIAR);
  });

  it('carries emoji, quotes, markup, newlines and tabs unchanged to the operator', async () => {
    for (const text of PECULIAR) expect((await talk.page.say(talk.chatId, text)).status).to.equal(202);
    await until(() => anna.texts(talk.contact).length === PECULIAR.length + 1, 'all of it');
    expect(anna.texts(talk.contact)).to.deep.equal(['Hello', ...PECULIAR]);
  });

  const FALLBACK = 'I sent you an encrypted message';
  const ENCRYPTED = {
    OMEMO: [xml('encrypted', { xmlns: 'eu.siacs.conversations.axolotl' }, xml('header', { sid: '1' })), body(FALLBACK)],
    OTR: [body(`?OTR:${FALLBACK}`)],
    PGP: [xml('x', { xmlns: 'jabber:x:encrypted' }, 'hQEMA'), body(FALLBACK)],
    'an announced unknown scheme': [
      xml('encryption', { xmlns: 'urn:xmpp:eme:0', namespace: 'urn:example:new' }),
      body(FALLBACK),
    ],
  };
  for (const [name, children] of Object.entries(ENCRYPTED)) {
    it(`refuses ${name} with a notice, and never shows the fallback text`, async () => {
      await anna.send(xml('message', { to: talk.contact, type: 'chat', id: `enc-${name.length}` }, ...children));
      await until(() => notices(anna, talk.contact).some((text) => text.includes('Switch encryption off')), 'a notice');
      expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello']);
    });
  }
});
