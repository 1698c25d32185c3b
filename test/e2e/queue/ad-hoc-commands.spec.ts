import { xml, type Element } from '@xmpp/client';
import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';

const NS_COMMANDS = 'http://jabber.org/protocol/commands';
const NS_DATA = 'jabber:x:data';
const NS_DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const NS_DISCO_ITEMS = 'http://jabber.org/protocol/disco#items';

/** Asks as Gajim and Profanity do: what is there, which commands, one of them, and its form filled in. */
describe('the ad-hoc commands of an operator’s client', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let bert: OperatorClient;
  let service: string;
  let count = 0;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
    bert = await foyer.operator('bert', 'Bert');
    service = `foyer@${foyer.settings.ejabberd.host}`;
    await online();
  });

  after(() => foyer.stop());

  async function ask(
    client: OperatorClient,
    to: string,
    type: 'get' | 'set',
    child: Element,
    more: Record<string, string> = {},
  ): Promise<Element> {
    count += 1;
    const id = `q${count}`;
    await client.send(xml('iq', { type, id, to, ...more }, child));
    return client.expect(`an answer to ${child.toString()}`, (one) => one.is('iq') && one.attrs['id'] === id);
  }

  const online = () =>
    until(async () => {
      const answer = await ask(anna, service, 'get', xml('query', { xmlns: NS_DISCO_INFO }));
      return answer.attrs['type'] === 'result';
    }, 'the service account online');

  const disco = async (client: OperatorClient, to: string, ns: string, node?: string) =>
    (await ask(client, to, 'get', xml('query', { xmlns: ns, ...(node !== undefined && { node }) }))).getChild(
      'query',
      ns,
    );

  const features = (query: Element | undefined) => query?.getChildren('feature').map(({ attrs }) => attrs['var']) ?? [];

  interface Stage {
    to?: string;
    action?: string;
    sessionid?: string;
    lang?: string;
    more?: Record<string, string>;
  }

  const command = (node: string, { action, sessionid, lang }: Stage = {}, ...children: Element[]) =>
    xml('command', { xmlns: NS_COMMANDS, node, action, sessionid, 'xml:lang': lang }, ...children);

  const run = async (client: OperatorClient, node: string, stage: Stage = {}, ...children: Element[]) =>
    ask(client, stage.to ?? service, 'set', command(node, stage, ...children), stage.more);

  const filledIn = (values: Record<string, string | string[]>) =>
    xml(
      'x',
      { xmlns: NS_DATA, type: 'submit' },
      ...Object.entries(values).map(([name, value]) =>
        xml('field', { var: name }, ...[value].flat().map((line) => xml('value', {}, line))),
      ),
    );

  const stateOf = (answer: Element) => {
    const found = answer.getChild('command', NS_COMMANDS);
    const note = found?.getChild('note');
    return { status: found?.attrs['status'], tone: note?.attrs['type'], note: note?.text() };
  };
  const sessionOf = (answer: Element) => answer.getChild('command', NS_COMMANDS)?.attrs['sessionid'] ?? '';
  const fieldsOf = (answer: Element) =>
    (answer.getChild('command', NS_COMMANDS)?.getChild('x', NS_DATA)?.getChildren('field') ?? []).map((field) => ({
      name: field.attrs['var'],
      type: field.attrs['type'],
      required: field.getChild('required') !== undefined,
      value: field.getChildText('value'),
      options: field.getChildren('option').map((option) => [option.attrs['label'], option.getChildText('value')]),
    }));
  const errorOf = (answer: Element) => {
    const error = answer.getChild('error');
    return [answer.attrs['type'], ...(error?.getChildElements() ?? []).map(({ name }) => name)].filter(
      (name) => name !== 'text',
    );
  };

  /** Both stages of a command. */
  async function fill(
    client: OperatorClient,
    node: string,
    values: Record<string, string | string[]>,
  ): Promise<Element> {
    const shown = await run(client, node);
    expect(stateOf(shown).status, node).to.equal('executing');
    return run(client, node, { action: 'complete', sessionid: sessionOf(shown) }, filledIn(values));
  }

  async function begin(text: string) {
    const page = foyer.page();
    await page.visit({ nick: 'Vera' });
    const { id: chatId, number } = await page.startChat(text);
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).includes(text) && bert.texts(contact).includes(text), 'both are asked');
    return { page, chatId, number, contact };
  }

  it('are found at the account, and at its session, from where they were asked for', async () => {
    for (const to of [service, `${service}/foyer`]) {
      expect(features(await disco(anna, to, NS_DISCO_INFO))).to.include.members([NS_COMMANDS, NS_DATA]);
      const items = (await disco(anna, to, NS_DISCO_ITEMS, NS_COMMANDS))?.getChildren('item') ?? [];
      const words = items.map(({ attrs }) => attrs['node']);
      expect(words).to.include.members(['accept', 'finish', 'transfer', 'status', 'help']).and.not.to.include('queue');
      expect(items.find(({ attrs }) => attrs['node'] === 'accept')?.attrs).to.include({ name: 'accept: take a chat' });
      const answer = await ask(anna, to, 'get', xml('query', { xmlns: NS_DISCO_INFO, node: 'accept' }));
      expect(answer.attrs['from']).to.equal(to);
      expect(answer.getChild('query')?.getChild('identity')?.attrs).to.include({
        category: 'automation',
        type: 'command-node',
      });
      expect((await disco(anna, to, NS_DISCO_INFO, NS_COMMANDS))?.getChild('identity')?.attrs).to.include({
        type: 'command-list',
      });
      expect(errorOf(await ask(anna, to, 'get', xml('query', { xmlns: NS_DISCO_INFO, node: 'queue' })))).to.deep.equal([
        'error',
        'item-not-found',
      ]);
    }
  });

  it('take a chat, note something, hand it over and end it, by forms', async () => {
    const { page, chatId, number } = await begin('Hi!');
    const shown = await run(anna, 'accept');
    expect(fieldsOf(shown)).to.deep.equal([
      {
        name: 'chat',
        type: 'list-single',
        required: true,
        value: String(number),
        options: [[`${number}: Vera · /pricing`, String(number)]],
      },
    ]);
    const accepted = await run(
      anna,
      'accept',
      { action: 'execute', sessionid: sessionOf(shown) },
      filledIn({ chat: String(number) }),
    );
    expect(stateOf(accepted)).to.deep.include({ status: 'completed', tone: 'info' });
    expect(stateOf(accepted).note).to.contain(`You are now handling chat ${number}`);
    expect(await page.chat(chatId)).to.deep.include({ state: 'active', operator: { name: 'Anna' } });

    await fill(anna, 'note', { chat: String(number), text: ['called twice', 'already 😀'] });
    const notes = await foyer.select('SELECT text FROM chat_notes WHERE chat_id = ?', [chatId]);
    expect(notes.map((row) => row['text'])).to.deep.equal(['called twice\nalready 😀']);

    const transfer = await run(anna, 'transfer');
    const to = fieldsOf(transfer).find(({ name }) => name === 'to');
    expect(to?.options).to.deep.equal([
      ['Support', 'Support'],
      ['Bert', `bert@${foyer.settings.ejabberd.host}`],
    ]);
    const asked = await run(
      anna,
      'transfer',
      { action: 'complete', sessionid: sessionOf(transfer) },
      filledIn({ chat: String(number), to: to!.options[1]![1]!, note: 'knows billing' }),
    );
    expect(stateOf(asked).note).to.contain('Bert is asked');
    await until(() => bert.texts().some((text) => text.includes('\nknows billing')), 'Bert reads the note');
    expect(stateOf(await fill(bert, 'accept', { chat: String(number) })).tone).to.equal('info');
    expect(stateOf(await fill(bert, 'finish', { chat: String(number) }))).to.deep.include({
      note: `Chat ${number} is now closed.`,
    });
    expect((await page.chat(chatId)).state).to.equal('closed');
  });

  it('without fields are done at once, and say what there is', async () => {
    expect(stateOf(await run(bert, 'pause')).note).to.contain('no more chats until !resume');
    expect(stateOf(await run(bert, 'status')).note).to.contain('until !resume');
    expect(stateOf(await run(bert, 'resume')).status).to.equal('completed');
    expect(stateOf(await run(bert, 'finish'))).to.deep.equal({
      status: 'completed',
      tone: 'error',
      note: 'There is no chat that this could be about.',
    });
  });

  it('do nothing twice, whatever is sent again, and nothing once canceled', async () => {
    const { page, chatId, number } = await begin('Once');
    await fill(anna, 'accept', { chat: String(number) });
    const shown = await run(anna, 'note');
    const again = () =>
      run(
        anna,
        'note',
        { action: 'complete', sessionid: sessionOf(shown) },
        filledIn({ chat: String(number), text: 'once' }),
      );
    const answers = await Promise.all([again(), again(), again()]);
    await foyer.stopBridge();
    const nobody = await run(anna, 'status');
    expect(nobody.attrs['from']).to.equal(service);
    expect(nobody.getChild('error')?.getChild('service-unavailable')).to.exist;
    await foyer.startBridge();
    await online();
    for (const answer of [...answers, await again()]) expect(stateOf(answer).note).to.contain('note is kept');
    expect(await foyer.select('SELECT text FROM chat_notes WHERE chat_id = ?', [chatId])).to.have.length(1);
    expect(
      errorOf(
        await run(
          anna,
          'note',
          { action: 'complete', sessionid: sessionOf(shown) },
          filledIn({ chat: String(number), text: 'other' }),
        ),
      ),
    ).to.deep.equal(['error', 'not-allowed', 'session-expired']);

    const finish = await run(anna, 'finish');
    expect(stateOf(await run(anna, 'finish', { action: 'cancel', sessionid: sessionOf(finish) })).status).to.equal(
      'canceled',
    );
    expect(
      errorOf(
        await run(
          anna,
          'finish',
          { action: 'complete', sessionid: sessionOf(finish) },
          filledIn({ chat: String(number) }),
        ),
      ),
    ).to.deep.equal(['error', 'not-allowed', 'session-expired']);
    expect((await page.chat(chatId)).state).to.equal('active');
    await fill(anna, 'finish', { chat: String(number) });
  });

  it('are refused where they make no sense, and the session goes on', async () => {
    const form = filledIn({ limit: '3' });
    const bad = async (specific: string, node: string, stage: Stage, ...children: Element[]) =>
      expect(errorOf(await run(anna, node, stage, ...children)), specific).to.deep.equal([
        'error',
        'bad-request',
        specific,
      ]);
    const sessionid = sessionOf(await run(anna, 'limit'));
    await bad('malformed-action', 'limit', { action: 'explode' });
    await bad('bad-sessionid', 'limit', { action: 'complete' }, form);
    await bad('bad-sessionid', 'limit', { action: 'complete', sessionid: '😀' }, form);
    await bad('bad-sessionid', 'status', { action: 'complete', sessionid }, form);
    await bad('bad-action', 'limit', { action: 'prev', sessionid });
    await bad('bad-locale', 'limit', { lang: '!!' });
    await bad('bad-payload', 'limit', { action: 'complete', sessionid });
    for (const values of [
      {},
      { limit: ' ' },
      { limit: '3', colour: 'red' },
      { limit: 'x'.repeat(30_000) },
      { limit: ['3', '4'] },
    ])
      await bad('bad-payload', 'limit', { action: 'complete', sessionid }, filledIn(values as Record<string, string>));
    await bad('bad-payload', 'limit', { action: 'complete', sessionid }, xml('x', { xmlns: NS_DATA, type: 'form' }));
    await bad('bad-payload', 'limit', { action: 'complete', sessionid }, xml('limit', { xmlns: 'urn:other' }, '3'));
    expect(
      errorOf(
        await run(anna, 'limit', { action: 'complete', sessionid: `${(Date.now() - 4_000_000).toString(36)}.x` }, form),
      ),
    ).to.deep.equal(['error', 'not-allowed', 'session-expired']);
    expect(errorOf(await run(anna, '<nonsense/>'))).to.deep.equal(['error', 'item-not-found']);
    expect(
      stateOf(await run(anna, 'limit', { action: 'complete', sessionid }, filledIn({ limit: '😀' }))),
    ).to.deep.include({ status: 'completed', tone: 'error' });
    expect(stateOf(await fill(anna, 'limit', { limit: '999' })).note).to.contain('999 chats');
  });

  it('are for operators, and some for managers alone', async () => {
    await foyer.ejabberd.ctl('register', 'joe', foyer.settings.ejabberd.host, 'joe-is-a-stranger');
    const joe = await foyer.client({ user: 'joe', password: 'joe-is-a-stranger' }, { silent: true });
    for (const to of [service, `${service}/foyer`]) {
      expect(errorOf(await run(joe, 'status', { to }))).to.deep.equal(['error', 'forbidden']);
      expect(
        errorOf(await ask(joe, to, 'get', xml('query', { xmlns: NS_DISCO_ITEMS, node: NS_COMMANDS }))),
      ).to.deep.equal(['error', 'forbidden']);
    }
    expect(errorOf(await run(anna, 'queue'))).to.deep.equal(['error', 'forbidden']);
    await foyer.select("UPDATE operators SET manager = 1 WHERE name = 'Anna'");
    expect(fieldsOf(await run(anna, 'queue'))[0]?.options).to.deep.equal([
      ['Open', 'open'],
      ['Closed', 'close'],
      ['By their rules', 'auto'],
    ]);
    expect(stateOf(await fill(anna, 'queue', { opening: 'close' })).note).to.equal('Support is closed.');
    expect(stateOf(await fill(anna, 'queue', { opening: 'auto' })).tone).to.equal('info');
  });

  it('speak the language that the client asks for, or else the operator’s', async () => {
    await foyer.select("UPDATE operators SET language = 'de' WHERE name = 'Bert'");
    expect(stateOf(await run(bert, 'resume')).note)
      .to.match(/wieder|Chats/)
      .and.not.to.contain('You');
    expect(stateOf(await run(bert, 'waiting', { lang: 'fr-CA' })).note).to.equal('Personne n’attend.');
    expect(stateOf(await run(bert, 'waiting', { more: { 'xml:lang': 'es' } })).note).to.equal('Nadie espera.');
    expect(stateOf(await run(bert, 'waiting', { more: { 'xml:lang': 'xx' } })).note).to.equal('Niemand wartet.');
  });
});
