import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { createLog } from '../../../bridge/observe/log.js';
import { randomPassword, randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { environmentOf, foyer as cli } from '../../support/cli.js';
import { until } from '../../support/until.js';
import { startReceiver, type Receiver } from '../../integration/helpdesk-api/receiver.js';
import { everyRow, filesIn, joined, Processes, Secrets } from './secret-search.js';

const WORDS = 'words-that-a-visitor-wrote';

/** Everything that has a credential is used once, in success and in failure; then each place is searched for each secret. */
describe('no secret is written', () => {
  const secrets = new Secrets();
  /** Of the command line, with the secret that each may show taken out. */
  const printed: string[] = [];
  /** Answers of the doors that refuse something. */
  const refusals: string[] = [];
  let log = '';
  let figures = '';
  let ejabberdLog = '';
  let processes: Processes;
  let tables: Record<string, string>;
  let foyer: TestFoyer;
  let receiver: Receiver;

  before(async function () {
    this.timeout(180_000);
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        log += chunk.toString();
        done();
      },
    });
    processes = new Processes();
    receiver = await startReceiver();
    foyer = await TestFoyer.start({
      environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' },
      ejabberdLogLevel: 'debug',
      log: createLog('trace', destination),
    });
    const { settings } = foyer;
    secrets.add('the database’s password', settings.database.password);
    secrets.add('the account key', settings.secrets.account_key);
    secrets.add('the password of ejabberd’s API', settings.ejabberd.api_password);
    secrets.add('mod_foyer’s secret', settings.hooks.secrets[0] ?? '');
    await useEverything();
    figures = await (await fetch(`${foyer.base}/metrics`)).text();
    tables = await everyRow(foyer.bridge.core.pool);
    await foyer.stopBridge();
    ejabberdLog = joined(await filesIn(dirname(foyer.ejabberd.logFile)));
  });

  after(async () => {
    await processes.all();
    await foyer.stop();
    await receiver.stop();
  });

  /** @param shows the secret that this command is there to show, once */
  async function command(argv: readonly string[], input?: string, shows?: RegExp): Promise<string> {
    const { out, err } = await cli(argv, {
      env: environmentOf(foyer.settings),
      ...(input === undefined ? {} : { input }),
    });
    const shown = shows === undefined ? '' : (shows.exec(out)?.[1] ?? '');
    if (shows !== undefined) expect(shown, argv.join(' ')).to.not.equal('');
    printed.push((shown === '' ? out : out.replace(shown, '')) + err);
    return shown;
  }

  async function call(method: string, path: string, token: string, body?: unknown, key?: string): Promise<Called> {
    const answer = await fetch(foyer.base + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) refusals.push(text);
    return { status: answer.status, text };
  }

  async function useEverything(): Promise<void> {
    // Secrets that people type, and those that are made up.
    const typed = { 'the callback’s secret': randomWebhookSecret(), 'an operator’s password': randomPassword() };
    const [callbackSecret, annasPassword] = Object.values(typed) as [string, string];
    const urlToken = randomPassword();
    secrets.add('the callback’s secret', callbackSecret);
    secrets.add('an operator’s password', annasPassword);
    secrets.add('the token in the callback’s address', urlToken);
    const address = `${receiver.url}?site=7&token=${urlToken}`;
    await command(['operator', 'add', 'anna', '--department', 'Support', '--password-stdin'], annasPassword);
    secrets.add('a made-up password', await command(['operator', 'add', 'bert'], undefined, /shown again\): (\S+)/));
    const key = await command(['key', 'add'], undefined, /shown again\): (\S+)/);
    secrets.add('the API key', key);
    await command(['callback', 'set', '-', '--secret-stdin'], `${address}\n${callbackSecret}`);
    secrets.add(
      'the callback’s newest secret',
      await command(['callback', 'set', '-', '--rotate'], address, /again\): (\S+)/),
    );
    await command(['callback', 'test']);
    await command(['callback', 'set', address]);

    // A conversation both ways, with an operator whose client logs in by itself.
    await until(async () => (await accountsNotReady()) === 0, 'all accounts on ejabberd', 60);
    const anna = await foyer.client({ user: 'anna', password: annasPassword });
    const vera = foyer.page();
    await vera.visit({ nick: 'Vera' });
    secrets.add('a visitor’s token', vera.token ?? '');
    const chat = await vera.startChat(WORDS);
    await until(() => anna.texts(foyer.contact(vera)).length > 0, 'the visitor’s words');
    await anna.say(foyer.contact(vera), 'hello', { receipt: true, markable: true });
    await vera.untilMessages(chat.id, 'the answer', (all) => all.some(({ sender }) => sender === 'operator'));

    // The helpdesk's own chat, with an account of its own, and its operators.
    const body = { desk: 'main', visitor: { nick: 'Hal' }, text: WORDS };
    expect((await call('POST', '/api/v1/chats', key, body, 'once')).status).to.equal(201);
    const carla = { username: 'carla', name: 'Carla', password: randomPassword() };
    secrets.add('a password in an idempotent request', carla.password);
    for (let time = 0; time < 2; time += 1)
      expect((await call('POST', '/api/v1/operators', key, carla, 'carla')).status).to.equal(201);
    await call('GET', '/api/v1/instance/callback', key).then(({ text }) => printed.push(text));
    await call('PUT', '/api/v1/instance/callback', key, { url: address, rotate: true, secret: callbackSecret }).then(
      ({ text }) => printed.push(text),
    );
    await until(async () => (await accountsNotReady()) === 0, 'all accounts on ejabberd', 60);

    // What goes wrong: at the doors, at the helpdesk, on the way, and in the database.
    const url = address.replace('://', `://ann:${annasPassword}@`);
    await call('PUT', '/api/v1/instance/callback', key, { url });
    await call('PUT', '/api/v1/instance/callback', key, { url: address, secret: `${callbackSecret}?` });
    await call('POST', '/api/v1/operators', key, { ...carla, password: `${carla.password} ` });
    await call('POST', '/api/v1/operators', key, carla, 'another');
    await call('POST', '/api/v1/operators', key, { ...carla, name: 'Else' }, 'carla');
    await call('POST', '/api/v1/operators', key, `{"password": "${carla.password}"`);
    await call('GET', '/api/v1/chats', vera.token ?? '');
    await call('GET', '/visitor/v1/chats/1', key);
    await call('GET', `/visitor/v1/chats/1?token=${vera.token}`, 'nobody');
    await call('POST', '/hooks/ejabberd', foyer.settings.hooks.secrets[0] ?? '', {});
    receiver.answer = 410;
    await vera.say(chat.id, WORDS);
    await until(async () => (await foyer.select('SELECT id FROM dead_letters')).length > 0, 'a dead letter');
    await run(
      foyer.bridge.core.pool,
      "ALTER TABLE messages ADD CONSTRAINT refuses CHECK (sender_key NOT LIKE '%refused%')",
    );
    expect((await vera.say(chat.id, WORDS, 'refused')).status).to.equal(500);
    await run(foyer.bridge.core.pool, 'ALTER TABLE messages DROP CONSTRAINT refuses');
    await foyer.ejabberd.ctl('foyer_spool_info', foyer.ejabberd.host);

    for (const list of ['instance list', 'operator list', 'key list', 'outbox list', 'outbox dead', 'events', 'jobs']) {
      await command(list.split(' '));
      await command([...list.split(' '), '--json']);
    }
    for (const one of ['status', 'doctor', 'config check']) await command(one.split(' '));
    await addAccounts();
  }

  const accountsNotReady = async () => (await foyer.select("SELECT id FROM accounts WHERE state <> 'ready'")).length;

  /** What only the database knows of, sealed: the passwords of every kind of account. */
  async function addAccounts(): Promise<void> {
    const accounts = await foyer.select('SELECT kind, local, password_box FROM accounts');
    expect(new Set(accounts.map(({ kind }) => kind as string))).to.include.all.keys(
      'visitor',
      'chat',
      'operator',
      'service',
    );
    for (const { local, password_box: box } of accounts)
      secrets.add(`the password of ${local}`, foyer.bridge.core.box.open(box as Buffer));
  }

  it('into the bridge’s log at its most talkative, nor what people wrote', () => {
    expect(log).to.contain('request failed').and.contain('outbox entry given up').and.contain('"level":"debug"');
    expect(secrets.foundIn(log)).to.deep.equal([]);
    expect(log).to.not.contain(WORDS);
  });

  it('into ejabberd’s log at its most talkative', () => {
    // What would have held them is there, without them.
    expect(ejabberdLog).to.contain('[debug]');
    expect(ejabberdLog).to.contain('Executing command ejabberd_admin:register with Args=hidden_by_mod_foyer');
    expect(ejabberdLog).to.contain('Received XML on stream = hidden_by_mod_foyer');
    expect(ejabberdLog).to.not.contain('<auth ');
    expect(secrets.foundIn(ejabberdLog)).to.deep.equal([]);
  });

  it('into the database: all that is kept is hashes and sealed boxes', () => {
    expect(tables['messages']).to.contain(WORDS);
    expect(tables['audit']).to.contain('callback.set').and.contain('token=…');
    for (const [table, text] of Object.entries(tables)) expect(secrets.foundIn(text), table).to.deep.equal([]);
  });

  it('where other users of the machine read command lines, or into the environment of a child', async () => {
    const text = await processes.all();
    expect(text).to.contain('ejabberd').and.contain('mariadbd');
    expect(secrets.foundIn(text)).to.deep.equal([]);
  });

  it('into an answer that refuses something', () => {
    expect(refusals.length).to.be.at.least(10);
    expect(secrets.foundIn(refusals.join('\n'))).to.deep.equal([]);
  });

  it('by a command, or an answer of the API, but for the one that shows it first', () => {
    expect(printed.join('\n')).to.contain('token=…');
    expect(secrets.foundIn(printed.join('\n'))).to.deep.equal([]);
  });

  it('into the figures', () => {
    expect(figures).to.contain('foyer_dead_letters');
    expect(secrets.foundIn(figures)).to.deep.equal([]);
  });
});

interface Called {
  status: number;
  text: string;
}
