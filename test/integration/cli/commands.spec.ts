import { expect } from 'chai';
import type { Core } from '../../../bridge/compose.js';
import { systemClock } from '../../../bridge/shared/clock.js';
import { createAccountPasswords } from '../../../bridge/storage/account-passwords.js';
import { createCredentials, hashSecret } from '../../../bridge/storage/credentials.js';
import { rows } from '../../../bridge/storage/pool.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';
import { foyer } from '../../support/cli.js';

describe('commands on the database', () => {
  let env: Record<string, string>;
  let core: Core;
  let cli: CliDatabase['cli'];
  let works: CliDatabase['works'];
  let refused: CliDatabase['refused'];
  let json: CliDatabase['json'];
  let close: CliDatabase['close'];

  before(async function () {
    this.timeout(60_000);
    ({ env, core, cli, works, refused, json, close } = await cliDatabase());
  });
  after(() => close());

  it('ask for the migrations first, with 78', async () => {
    const { code, err } = await cli('operator', 'list');
    expect(code).to.equal(78);
    expect(err).to.include('foyer migrate');
  });

  it('migrate, and find nothing to do the second time', async () => {
    expect(await works('migrate')).to.match(/0001-instances\.sql[^]*migrations run/);
    expect(await works('migrate')).to.equal('The database is up to date already.\n');
  });

  it('set up an instance from nothing', async () => {
    expect(await refused('department', 'add', 'Support')).to.include('foyer instance add main');
    await works('instance', 'add', 'main', '--title', 'Main');
    await works('department', 'add', 'Support');
    await works(
      'desk',
      'add',
      'main',
      '--department',
      'Support',
      '--origin',
      'https://shop.example',
      '--origin',
      'https://www.shop.example',
      '--greeting',
      'Hello!',
    );
    const [instance] = await json<{ name: string; host: string }[]>('instance', 'list');
    expect(instance).to.include({ name: 'main', host: 'example.org' });
    const [desk] = await json<Record<string, unknown>[]>('desk', 'list');
    expect(desk).to.deep.include({
      key: 'main',
      name: 'main',
      state: 'active',
      department: 'Support',
      origins: ['https://shop.example', 'https://www.shop.example'],
      rating: false,
      preview: false,
    });
    const [service] = await rows(core.pool, "SELECT kind FROM accounts WHERE local = 'foyer'");
    expect(service).to.deep.equal({ kind: 'service' });
  });

  it('change how a department gives its chats, and leave what isn’t named', async () => {
    await works('department', 'add', 'Night');
    await works(
      'department',
      'set',
      'Support',
      '--strategy',
      'one',
      '--offer-seconds',
      '20',
      '--returning-first',
      'yes',
    );
    await works('department', 'set', 'Support', '--overflow', 'Night', '--overflow-after', '90', '--max-waiting', '50');
    await works(
      'department',
      'set',
      'Support',
      '--offer-seconds',
      'none',
      '--opening',
      'open',
      '--when-nobody',
      'offline',
    );
    const [row] = await rows(
      core.pool,
      `SELECT departments.*, overflow.name AS overflow FROM departments
         JOIN departments overflow ON overflow.id = departments.overflow_department_id WHERE departments.name = 'Support'`,
    );
    expect(row).to.include({
      ...{ strategy: 'one', returning_first: 1, offer_seconds: null, overflow: 'Night', overflow_seconds: 90 },
      ...{ max_waiting: 50, max_per_operator: null, when_empty: 'offline', opening: 'open', grace_seconds: 300 },
    });
    await works('department', 'set', 'Support', '--overflow', 'none', '--strategy', 'all', '--opening', 'auto');
    await works('department', 'set', 'Support', '--when-nobody', 'queue', '--max-waiting', 'none');
  });

  it('change a desk, and leave what isn’t named', async () => {
    await works('desk', 'set', 'main', '--name', 'Shop', '--closed', 'Back at nine');
    await works('desk', 'set', 'main', '--greeting', '', '--state', 'inactive', '--preview', 'on');
    const [row] = await rows(core.pool, 'SELECT name, state, preview, texts, allowed_origins FROM desks');
    expect(row).to.include({ name: 'Shop', state: 'inactive', preview: 1, texts: '{"closed":"Back at nine"}' });
    expect(row?.['allowed_origins']).to.include('www.shop.example');
  });

  const nonsense: [string[], RegExp][] = [
    [['instance', 'add', 'chat'], /isn’t “chat”/],
    [['instance', 'add', 'main'], /already/],
    [['instance', 'add', 'Shop!'], /begins with a letter/],
    [['department', 'add', ''], /must not be empty/],
    [['department', 'add', 'Support'], /There is a department/],
    [['desk', 'add', 'Main', '--department', 'Support'], /KEY: must be a desk’s key/],
    [['desk', 'add', 'other'], /--department is missing/],
    [['desk', 'add', 'other', '--department', 'Sales'], /no department “Sales” \(there are: Support, Night\)/],
    [['department', 'set', 'Sales', '--strategy', 'one'], /no department “Sales”/],
    [['department', 'set', 'Support', '--strategy', 'none'], /--strategy/],
    [['department', 'set', 'Support', '--offer-seconds', 'soon'], /--offer-seconds/],
    [['department', 'set', 'Support', '--overflow', 'Night'], /go together/],
    [['department', 'set', 'Support', '--overflow', 'Support', '--overflow-after', '9'], /another department/],
    [['department', 'set', 'Support'], /nothing to change/],
    [['desk', 'set', 'main', '--preview', 'yes'], /--preview/],
    [['desk', 'set', 'main', '--origin', 'shop.example'], /--origin: must be an origin/],
    [['desk', 'set', 'nowhere', '--name', 'x'], /no desk “nowhere”/],
    [['desk', 'set', 'main', '--state', 'ajar'], /--state/],
    [['operator', 'add', 'Anna K'], /username/],
    [['operator', 'assign', 'nobody', 'Support'], /no operator “nobody”/],
    [['operator', 'add', 'foyer'], /reserved/],
    [['operator', 'add', 'foyer-api'], /reserved/],
    [['operator', 'add', 'visitor.1'], /visitor\./],
    [['operator', 'password', 'nobody'], /no operator “nobody”/],
    [['key', 'add', '--scopes', 'everything'], /--scopes/],
    [['key', 'revoke', '99'], /no key 99/],
    [['key', 'revoke', 'x'], /^foyer: ID/],
    [['callback', 'set', 'ftp://helpdesk.example'], /url: must be https/],
    [['callback', 'set', 'https://user:pw@helpdesk.example'], /must not hold a user name/],
    [['outbox', 'resend', '7'], /no such dead letter/],
    [['accounts', 'expire', '--days', '-1'], /--days/],
    [['jobs', 'run', 'tidy'], /no job “tidy” \(there are: time-out-visitors, .*purge\)/],
    [['jobs', 'run'], /NAME is missing/],
    [['operator', 'list', '--instance', 'shop'], /foyer instance add shop/],
  ];
  for (const [argv, says] of nonsense) {
    it(`refuse “${argv.join(' ')}” with a reason`, async () => {
      expect(await refused(...argv)).to.match(says);
    });
  }

  it('register an operator with a password that is shown once and stored encrypted', async () => {
    const out = await works('operator', 'add', 'anna', '--name', 'Anna', '--department', 'Support', '--max-chats', '7');
    const password = /not shown again\): (\S{20,})/.exec(out)?.[1];
    const [account] = await rows(core.pool, "SELECT id, state, password_box FROM accounts WHERE local = 'anna'");
    expect((await createAccountPasswords(core.pool, core.box).get(account?.['id'] as number))?.password).to.equal(
      password,
    );
    expect((account?.['password_box'] as Buffer).includes(password ?? '')).to.equal(false);
    const [entry] = await rows(core.pool, 'SELECT entry FROM outbox WHERE lane = ?', [`a:${account?.['id']}`]);
    expect(entry).to.deep.equal({ entry: '{"kind":"account.provision"}' });
    const [listed] = await json<Record<string, unknown>[]>('operator', 'list');
    expect(listed).to.deep.include({
      jid: 'anna@example.org',
      name: 'Anna',
      state: 'wanted',
      show: 'offline',
      max_chats: 7,
      departments: ['Support'],
    });
  });

  it('take a password from standard input, and show it nowhere', async () => {
    const added = await foyer(['operator', 'add', 'bob', '--password-stdin'], { env, input: 'correct-horse-battery' });
    expect(added.code).to.equal(0);
    expect(added.out).to.not.include('correct-horse');
    const changed = await foyer(['operator', 'password', 'bob', '--password-stdin'], {
      env,
      input: 'staple-and-paperclip',
    });
    expect(changed.code).to.equal(0);
    const [account] = await rows(core.pool, "SELECT id FROM accounts WHERE local = 'bob'");
    expect((await createAccountPasswords(core.pool, core.box).get(account?.['id'] as number))?.password).to.equal(
      'staple-and-paperclip',
    );
    for (const input of ['short', '', 'with a blank in it']) {
      const { code } = await foyer(['operator', 'password', 'bob', '--password-stdin'], { env, input });
      expect(code, input).to.equal(64);
    }
  });

  it('remove an operator and let it in again', async () => {
    const state = async () =>
      (await json<{ jid: string; state: string }[]>('operator', 'list')).find(({ jid }) => jid.startsWith('bob'))
        ?.state;
    await works('operator', 'remove', 'bob');
    expect(await state()).to.equal('removed');
    expect(await works('operator', 'remove', 'bob@example.org')).to.include('already');
    expect(await refused('operator', 'password', 'bob')).to.include('disabled');
    await works('operator', 'set', 'bob', '--enable', '--department', 'Support');
    expect(await state()).to.equal('wanted');
    expect(await refused('operator', 'set', 'bob')).to.include('nothing to change');
  });

  it('keep instances apart', async () => {
    await works('instance', 'add', 'shop');
    await works('operator', 'add', 'anna', '--instance', 'shop');
    const jids = async (instance: string) =>
      (await json<{ jid: string }[]>('operator', 'list', '--instance', instance)).map(({ jid }) => jid);
    expect(await jids('shop')).to.deep.equal(['anna.shop@example.org']);
    expect(await jids('main')).to.deep.equal(['anna@example.org', 'bob@example.org']);
    expect(await refused('operator', 'remove', 'bob', '--instance', 'shop')).to.include('no operator');
    expect(await refused('desk', 'add', 'main', '--department', 'Support', '--instance', 'shop')).to.include(
      'make one',
    );
  });

  it('put operators into departments with a place of their own, and say what they know', async () => {
    await works('operator', 'add', 'paul', '--department', 'Support', '--pending');
    await works('operator', 'assign', 'paul', 'Night', '--priority', '2', '--access', 'manage');
    await works('operator', 'set', 'paul', '--skills', 'Billing, vat', '--speaks', 'de', '--approved', 'yes');
    await works('operator', 'assign', 'paul', 'Support', '--access', 'monitor');
    const listed = JSON.parse(await works('operator', 'list', '--json')) as { name: string }[];
    expect(listed.find(({ name }) => name === 'paul')).to.deep.include({
      ...{ departments: ['Support (monitor)', 'Night (2, manage)'], skills: ['billing', 'vat'], approved: true },
    });
    await works('department', 'set', 'Night', '--required-skills', 'vat', '--match-language', 'require');
    const [night] = await rows(
      core.pool,
      "SELECT required_skills, match_language FROM departments WHERE name = 'Night'",
    );
    expect(night).to.deep.equal({ required_skills: '["vat"]', match_language: 'require' });
    await works('operator', 'remove', 'paul');
  });

  it('make keys that let in until they are revoked, and store only their hash', async () => {
    const out = await works('key', 'add', '--scopes', 'chats, visitors', '--name', 'LHC', '--days', '30');
    const [, id = '', key = ''] = /Key (\d+) .*: (foyer_[\w-]{43})\n/.exec(out) ?? [];
    const letsIn = async () => createCredentials(core.pool, systemClock).apiKey(key);
    expect([...((await letsIn())?.scopes ?? [])]).to.deep.equal(['visitors', 'chats']);
    const [row] = await rows(core.pool, 'SELECT key_hash, prefix FROM api_keys');
    expect(row).to.deep.equal({ key_hash: hashSecret(key), prefix: key.slice(0, 12) });
    const listed = await works('key', 'list');
    expect(listed).to.include('LHC').and.not.include(key);
    expect(await refused('key', 'revoke', id, '--instance', 'shop')).to.include('no key');
    await works('key', 'revoke', id);
    expect(await letsIn()).to.equal(null);
    expect(await refused('key', 'revoke', id)).to.include('no key');
  });

  it('write down who changed what, without a secret', async () => {
    const lines = await rows(core.pool, 'SELECT actor, action, details FROM audit ORDER BY id');
    const actions = new Set(lines.map(({ action }) => action as string));
    for (const action of [
      'instance.create',
      'department.create',
      'desk.create',
      'desk.change',
      'operator.create',
      'operator.password',
      'operator.remove',
      'key.create',
      'key.revoke',
    ]) {
      expect(actions, action).to.include(action);
    }
    expect(JSON.stringify(lines)).to.not.match(/foyer_[\w-]{20}|whsec/);
    expect(new Set(lines.map(({ actor }) => actor as string))).to.deep.equal(new Set(['cli']));
  });

  it('tell a wrong password (78) from a database that is away (69)', async () => {
    const wrong = await foyer(['status'], { env: { ...env, FOYER_DATABASE_PASSWORD: 'wrong-secret' } });
    expect(wrong.code).to.equal(78);
    expect(wrong.err).to.include('refuses').and.not.include('wrong-secret');
    const away = await foyer(['status'], { env: { ...env, FOYER_DATABASE_PORT: String(await freePort()) } });
    expect(away.code).to.equal(69);
    expect(away.err).to.include('can’t be reached');
  });
});
