import { expect } from 'chai';
import fc from 'fast-check';
import { cleanText } from '../../../bridge/shared/text.js';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk } from '../../support/helpdesk.js';
import { HOSTILE } from '../../support/hostile-texts.js';
import { sample, tellSeedOfFailures } from '../../support/malformed.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, pingServer, type Talk } from '../edges/talk.js';

/** Of what XML can't hold, or holds only if somebody takes care. */
const PIECES = [
  ...[
    '\u0000',
    '\u0001',
    '\u0008',
    '\u000b',
    '\u000c',
    '\u001b',
    '\u001f',
    '\u007f',
    '\u0085',
    '\ufffe',
    '\uffff',
    '\ufdd0',
  ],
  ...[
    '\ud800',
    '\udfff',
    '\udbff',
    '\udc00\ud800',
    '\u{1fffe}',
    '\u{10ffff}',
    '&',
    '&amp;',
    '&#0;',
    '&#xFFFE;',
    '&lol;',
    '<',
    '>',
  ],
  ...[
    ']]>',
    '<![CDATA[',
    '<!--',
    '-->',
    '<?',
    '"',
    "'",
    '</body>',
    '</stream:stream>',
    'xmlns="x"',
    '\r',
    '\n',
    '\t',
    ' ',
    'a',
    '😀',
  ],
];
const GENERATED = 300;

describe('texts that XML can’t hold', function () {
  this.timeout(120_000);
  tellSeedOfFailures();
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let vera: Talk;
  let opened: string[];
  /** Those of the corpus first. */
  const texts = [
    ...HOSTILE.map(({ text }) => text),
    ...sample(
      fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
      GENERATED,
    ),
  ];
  const lines = texts.filter((text) => text.length <= 100);

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    vera = await beginTalk(foyer, anna);
    opened = await sessions();
  });

  after(() => foyer.stop());

  /** The connections over which visitors and operators are online: full JID, kind, address and port of each. */
  async function sessions(): Promise<string[]> {
    const rows = (await foyer.ejabberd.ctl('connected_users_info')).split('\n').filter((row) => row.includes('@'));
    const local = vera.contact.split('@')[0] ?? '';
    return rows
      .map((row) => row.split('\t').slice(0, 4).join(' '))
      .filter((row) => row.startsWith(`${local}@`) || row.startsWith('anna@'))
      .sort();
  }

  /** What has been sent has come, and over the streams that there were. */
  async function sameStreams(): Promise<void> {
    const mark = crypto.randomUUID();
    await vera.page.say(vera.chatId, mark);
    await until(() => anna.texts(vera.contact).includes(mark), 'a later message', 60);
    await pingServer(anna, foyer.settings.ejabberd.host);
    expect(opened).to.have.length(2);
    expect(await sessions()).to.deep.equal(opened);
  }

  it('come from the page as messages, all of them and in order', async () => {
    const expected = texts.map(cleanText).filter((text) => text.trim() !== '');
    const known = anna.texts(vera.contact).length;
    for (const text of texts)
      expect((await vera.page.say(vera.chatId, text)).status).to.equal(cleanText(text).trim() === '' ? 422 : 202);
    await until(() => anna.texts(vera.contact).length >= known + expected.length, 'all of them', 60);
    const came = anna.texts(vera.contact).slice(known);
    expect(came).to.deep.equal(expected);
    expect(came.slice(0, HOSTILE.length)).to.deep.equal(HOSTILE.map(({ message }) => message));
    await sameStreams();
  });

  it('come from the page as nick, address, title and referrer', async () => {
    const presences = anna.received.length;
    for (const text of lines) {
      const page = { url: `https://shop.example/${text}`, title: text, referrer: `https://from.example/${text}` };
      await vera.page.visit({ nick: text, page, custom: { plan: text } });
      await vera.page.visit({ nick: 'x', page: { url: text, referrer: text } });
    }
    await vera.page.visit({ nick: 'the last one', page: { url: 'https://shop.example/end' } });
    const shown = (one: (typeof anna.received)[number]) => one.getChildText('nick', 'http://jabber.org/protocol/nick');
    await until(
      () => anna.received.slice(presences).some((one) => shown(one) === 'the last one · /end'),
      'the last one',
      60,
    );
    await sameStreams();
  });

  it('come from the helpdesk as words, authors and names of operators', async () => {
    const api = await helpdesk(foyer);
    const { body } = await api<{ operators: { id: number }[] }>('GET', '/operators');
    const known = anna.texts(vera.contact).length;
    for (const [i, text] of lines.entries()) {
      if (cleanText(text).trim() === '') continue;
      const sent = { sender: 'visitor', text: `${text}.`, message_id: `v${i}` };
      await api('POST', `/chats/${vera.chatId}/messages`, sent);
      // A name that is nothing but what can't be shown is refused.
      await api('POST', `/chats/${vera.chatId}/messages`, {
        sender: 'operator',
        author: `${text}.`.slice(0, 100),
        text: 'x',
        message_id: `o${i}`,
      });
      await api('PATCH', `/operators/${body.operators[0]?.id ?? 0}`, { name: `${text.slice(0, 99)}.` });
    }
    await until(() => anna.texts(vera.contact).length > known + lines.length / 2, 'these words', 60);
    await sameStreams();
  });
});
