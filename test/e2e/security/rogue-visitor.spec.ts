import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { xml, type Element } from '@xmpp/client';
import { BareClient } from '../../support/bare-client.js';
import { TestFoyer } from '../../support/bridge.js';
import { environmentOf, foyer as cli } from '../../support/cli.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, pingServer, recordOnceLater, refusalOf, type Talk } from '../edges/talk.js';
import * as attempts from './attempts.js';
import { MARK, type Attempts, type Targets } from './attempts.js';

/** Somebody has got hold of a visitor's password, on a server that offers its users everything. */
describe('a rogue visitor', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let host: string;
  let anna: OperatorClient;
  let carl: OperatorClient;
  let peggy: OperatorClient;
  let vera: Talk;
  let rogue: OperatorClient;
  let neighbour: OperatorClient;
  let targets: Targets;

  before(async () => {
    foyer = await TestFoyer.start();
    host = foyer.settings.ejabberd.host;
    await offerEverything();
    anna = await foyer.operator('anna', 'Anna');
    const env = environmentOf(foyer.settings);
    await cli(['instance', 'add', 'shop'], { env });
    await cli(['operator', 'add', 'carl', '--instance', 'shop', '--password-stdin'], {
      env,
      input: 'password-of-carl',
    });
    await foyer.ejabberd.ctl('register', 'peggy', host, 'password-of-peggy');
    // An account whose visitor has no session.
    await foyer.ejabberd.ctl('register', 'visitor.900001', host, 'password-of-nobody');
    await foyer.ejabberd.ctl('srg_user_add', 'visitor.900001', host, 'visitors', host);
    await until(
      async () =>
        (await foyer.select("SELECT state FROM accounts WHERE local = 'carl.shop'"))[0]?.['state'] === 'ready',
      'Carl on ejabberd',
    );
    carl = await foyer.client({ user: 'carl.shop', password: 'password-of-carl' });
    peggy = await foyer.client({ user: 'peggy', password: 'password-of-peggy' }, { silent: true });
    await peggy.presence();
    vera = await beginTalk(foyer, anna, 'I am Vera');
    const { contact } = await beginTalk(foyer, anna, 'I am the neighbour');
    rogue = await foyer.client(await accountOf(vera.contact), { silent: true, resource: 'rogue' });
    neighbour = await foyer.client(await accountOf(contact), { silent: true, resource: 'onlooker' });
    await neighbour.presence();
    targets = {
      ...{ host, self: vera.contact, operator: `anna@${host}`, neighbour: contact, absent: `visitor.900001@${host}` },
      ...{ foreignOperator: `carl.shop@${host}`, foreignVisitor: `visitor.1.shop@${host}` },
      ...{ stranger: `peggy@${host}`, nobody: `nobody@${host}` },
    };
  });

  after(() => foyer.stop());

  /** Loads what an existing server may have loaded, open to everybody but where the example configuration says otherwise. */
  async function offerEverything(): Promise<void> {
    const file = join(dirname(dirname(foyer.ejabberd.logFile)), 'ejabberd.yml');
    const text = await readFile(file, 'utf8');
    const rules =
      'access_rules:\n  register:\n    - deny: visitors\n    - allow: all\n  everybody:\n    - allow: all\n';
    const modules = [
      'mod_register:\n    access: register\n    ip_access: all\n    registration_watchers: []',
      'mod_announce:\n    access: everybody',
      'mod_configure: {}',
      'mod_http_upload:\n    access: everybody\n    docroot: /nonexistent\n    put_url: http://localhost/upload',
      'mod_push: {}',
    ];
    await writeFile(file, text.replace('access_rules:\n', rules) + modules.map((one) => `  ${one}\n`).join(''));
    await foyer.ejabberd.ctl('reload_config');
  }

  it('is on a server that does for others what it is refused', async () => {
    const { 'read the form of registration': form, 'ask for an upload': upload } = attempts.onTheServer(targets);
    for (const stanza of [form, upload]) {
      if (stanza === undefined) throw new Error('There is no such attempt');
      stanza.attrs['id'] = crypto.randomUUID();
      await peggy.send(stanza);
      const answer = await peggy.expect('an answer', ({ attrs }) => attrs['id'] === stanza.attrs['id']);
      expect(answer.attrs['type'], String(answer)).to.equal('result');
    }
  });

  async function accountOf(contact: string): Promise<{ user: string; password: string }> {
    const user = contact.split('@')[0] ?? '';
    const [row] = await foyer.select('SELECT password_box FROM accounts WHERE local = ?', [user]);
    return { user, password: foyer.bridge.core.box.open(row?.['password_box'] as Buffer) };
  }

  /** Sends each, and checks that each is answered with an error, and by nothing else. */
  async function allRefused(client: OperatorClient, list: Attempts): Promise<void> {
    const before = client.received.length;
    const names = new Map<string, string>();
    for (const [name, stanza] of Object.entries(list)) {
      stanza.attrs['id'] = crypto.randomUUID();
      names.set(stanza.attrs['id'], name);
      await client.send(stanza);
    }
    await pingServer(client, host);
    const answers = client.received.slice(before).filter(({ attrs }) => names.has(attrs['id'] ?? ''));
    const outcomes = [...names].map(([id, name]) => [name, answers.filter(({ attrs }) => attrs['id'] === id)] as const);
    const odd = outcomes.flatMap(([name, [first, second]]) =>
      first?.attrs['type'] === 'error' && second === undefined ? [] : [`${name}: ${String(first ?? 'no answer')}`],
    );
    expect(odd).to.deep.equal([]);
  }

  /** What came to them of somebody since, and what reached the bridge. */
  async function nothingArrives(from: string, run: () => Promise<void>, ...onlookers: OperatorClient[]): Promise<void> {
    const before = onlookers.map(({ received }) => received.length);
    const bodies = foyer.gate.bodies.length;
    await run();
    for (const onlooker of onlookers) await pingServer(onlooker, host);
    // Behind what was done, through the spool: what should come has come by then.
    await recordOnceLater(foyer, anna, vera);
    const isOf = (stanza: Element) => stanza.attrs['from']?.startsWith(from) || stanza.toString().includes(MARK);
    expect(onlookers.flatMap(({ received }, i) => received.slice(before[i]).filter(isOf)).map(String)).to.deep.equal(
      [],
    );
    expect(foyer.gate.bodies.slice(bodies).join('')).to.not.contain(MARK);
  }

  for (const [what, list] of Object.entries({
    'can change and read nothing of its account': attempts.onItself,
    'gets nothing done by the server': attempts.onTheServer,
    'gets neither into rooms nor to other servers': attempts.elsewhere,
    'asks its own operators for nothing': ({ operator }: Targets) => attempts.questionsTo(operator),
    'says nothing to its own operators but what a visitor says': ({ operator }: Targets) =>
      attempts.disguisedTo(operator),
  })) {
    it(what, async () => {
      const run = () => allRefused(rogue, list(targets));
      await nothingArrives(`${targets.self}/rogue`, run, anna, carl, peggy, neighbour);
    });
  }

  for (const [whom, name] of Object.entries({
    neighbour: 'another visitor',
    absent: 'a visitor who is offline',
    foreignOperator: 'an operator of another instance',
    foreignVisitor: 'a visitor of another instance',
    stranger: 'somebody who is no operator',
    nobody: 'an account that isn’t there',
    self: 'its own other sessions',
  }) as [Exclude<keyof Targets, 'host'>, string][]) {
    it(`reaches ${name} by nothing`, async () => {
      const list = attempts.to(targets[whom]);
      // What a session needs of its own account.
      if (whom === 'self') for (const own of ['show itself', 'read the roster', 'ask what it is']) delete list[own];
      await nothingArrives(`${targets.self}/rogue`, () => allRefused(rogue, list), anna, carl, peggy, neighbour);
    });

    it(`sends ${name} no answers that nobody asked for`, async () => {
      const before = rogue.received.length;
      const run = async () => {
        for (const stanza of attempts.unanswerableTo(targets[whom])) await rogue.send(stanza);
        await pingServer(rogue, host);
      };
      await nothingArrives(`${targets.self}/rogue`, run, anna, carl, peggy, neighbour);
      expect(rogue.received.slice(before).filter(({ attrs }) => attrs['id'] === MARK)).to.deep.equal([]);
    });
  }

  it('can’t tell accounts that there are from those that there aren’t', async () => {
    const said = async (bare: string) => {
      const id = await rogue.say(bare, MARK);
      const asked = xml('iq', { type: 'get', to: bare, id: `ask-${id}` }, xml('query', { xmlns: 'jabber:iq:last' }));
      await rogue.send(asked);
      return [await refusalOf(rogue, id), await refusalOf(rogue, `ask-${id}`)];
    };
    const expected = await said(targets.nobody);
    for (const whom of ['stranger', 'foreignOperator', 'neighbour', 'absent', 'foreignVisitor'] as const)
      expect(await said(targets[whom]), whom).to.deep.equal(expected);
  });

  it('can’t speak in somebody else’s name: its stream ends, and nothing arrives', async () => {
    const server = { host, c2sPort: foyer.ejabberd.c2sPort };
    const account = await accountOf(vera.contact);
    const run = async () => {
      for (const from of [targets.operator, targets.neighbour, `foyer@${host}`, host, 'friend@other.server']) {
        const forger = await BareClient.login(server, account);
        await forger.write(
          `<message from="${from}" to="${targets.operator}" type="chat"><body>${MARK}</body></message>`,
        );
        await until(() => forger.received.some((one) => one.name === 'stream:error'), `the end of ${from}’s stream`);
        expect(forger.received.at(-1)?.getChild('invalid-from'), from).to.exist;
        await forger.close();
      }
    };
    await nothingArrives('nowhere', run, anna, carl, peggy, neighbour);
  });

  it('does nothing before it has logged in', async () => {
    const server = { host, c2sPort: foyer.ejabberd.c2sPort };
    const register = (user: string) =>
      `<iq type="set" id="r" to="${host}"><query xmlns="jabber:iq:register"><username>${user}</username>` +
      '<password>password-of-a-rogue</password></query></iq>';
    const run = async () => {
      for (const user of [vera.contact.split('@')[0] ?? '', 'visitor.777777', 'visitor.7.chat', 'visitor.7.shop']) {
        const client = await BareClient.connect(server);
        await client.write(register(user));
        const answer = await client.expect(
          'an answer',
          (one) => one.attrs['id'] === 'r' || one.name === 'stream:error',
        );
        expect(answer.attrs['type'] === 'error' || answer.name === 'stream:error', String(answer)).to.equal(true);
        await client.close();
      }
      for (const text of [
        `<message to="${targets.operator}" type="chat"><body>${MARK}</body></message>`,
        `<presence to="${targets.operator}"/>`,
        `<iq type="get" id="x" to="${targets.operator}"><query xmlns="jabber:iq:last"/></iq>`,
      ]) {
        const client = await BareClient.connect(server);
        await client.write(text);
        const answer = await client.expect('an answer', () => client.received.length > 1);
        expect(answer).to.exist;
        expect(String(client.received.at(-1))).to.match(/not-authorized|service-unavailable/);
        await client.close();
      }
    };
    await nothingArrives(targets.self, run, anna, carl, peggy, neighbour);
    const registered = await foyer.ejabberd.ctl('registered_users', host);
    expect(registered).to.not.match(/visitor\.(777777|7\.chat|7\.shop|424242)|rogue/);
  });

  it('hasn’t changed the account: the visitor’s own conversation goes on', async () => {
    const { password } = await accountOf(vera.contact);
    expect(await foyer.ejabberd.ctl('check_password', vera.contact.split('@')[0] ?? '', host, password)).to.equal('');
    await anna.say(vera.contact, 'Can I help?');
    await vera.page.untilMessages(vera.chatId, 'the answer', (list) => list.at(-1)?.text === 'Can I help?');
  });

  describe('and from the other side, an operator of another instance', () => {
    it('reaches no visitor of this one', async () => {
      for (const whom of ['self', 'absent'] as const)
        await nothingArrives(
          targets.foreignOperator,
          () => allRefused(carl, attempts.to(targets[whom])),
          rogue,
          neighbour,
        );
    });

    it('sends visitors of this one nothing that has no answer', async () => {
      const run = async () => {
        for (const stanza of attempts.unanswerableTo(targets.self)) await carl.send(stanza);
        await pingServer(carl, host);
      };
      await nothingArrives(targets.foreignOperator, run, rogue, neighbour);
    });

    it('sees nothing of them', () => {
      const ofThem = carl.received.filter(({ attrs }) =>
        [targets.self, targets.neighbour].includes(attrs['from']?.split('/')[0] ?? ''),
      );
      expect(ofThem.filter(({ attrs }) => attrs['type'] !== 'error').map(String)).to.deep.equal([]);
    });
  });

  describe('with many sessions', () => {
    it('opens no more sessions than one account may have, and the conversation goes on', async () => {
      const server = { host, c2sPort: foyer.ejabberd.c2sPort };
      const account = await accountOf(vera.contact);
      const sessions = [];
      for (let i = 0; i < 15; i += 1)
        sessions.push(await BareClient.login(server, { ...account, resource: `flood-${i}` }));
      await until(
        async () => Number(await foyer.ejabberd.ctl('num_resources', account.user, host)) <= 10,
        'ten at most',
      );
      await vera.page.say(vera.chatId, 'It is still me');
      await until(() => anna.texts(vera.contact).includes('It is still me'), 'the visitor’s words', 30);
      for (const session of sessions) await session.close();
      await vera.page.say(vera.chatId, 'and now again');
      await until(() => anna.texts(vera.contact).includes('and now again'), 'the visitor’s words', 30);
      expect(anna.texts(vera.contact).filter((text) => text === 'It is still me')).to.have.length(1);
    });
  });
});
