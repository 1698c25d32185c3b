import { expect } from 'chai';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page as Tab } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { createHash } from 'node:crypto';
import { createApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import { SCOPES } from '../../../bridge/domain/reads.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { buildWidget } from '../../../bridge/widget/build.mjs';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';

const KEY = 'foyer_operator-page';

describe('the operators’ page', () => {
  let foyer: TestFoyer;
  let browser: Browser;
  let id: number;
  const contexts: BrowserContext[] = [];

  before(async function () {
    this.timeout(120_000);
    await buildWidget(fileURLToPath(new URL('../../../dist/bridge/widget', import.meta.url)));
    foyer = await TestFoyer.start();
    await foyer.addOperator('bert', 'Bert');
    const [row] = await foyer.select("SELECT id FROM operators WHERE name = 'Bert'");
    id = row?.['id'] as number;
    await foyer.bridge.core.transactions.alone((tx) =>
      createApiKey(tx, hashSecret, KEY, { instanceId: 1, name: 'test', scopes: SCOPES, expiresAt: null }),
    );
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  });

  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  async function link(): Promise<string> {
    const response = await fetch(`${foyer.base}/api/v1/operators/${id}/sign-in-link`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(response.status).to.equal(201);
    return ((await response.json()) as { url: string }).url;
  }

  async function open(address: string): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
    contexts.push(context);
    const tab = await context.newPage();
    await tab.goto(address);
    return tab;
  }

  const post = (body: unknown) =>
    fetch(`${foyer.base}/operator/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('signs in by a link, shows the visitor, takes the chat by an answer, and is signed out for good', async function () {
    this.timeout(120_000);
    const tab = await open(await link());
    const refused: string[] = [];
    tab.on('console', (message) => {
      // Converse.js thanks its sponsors before it is connected; their pictures are elsewhere, and stay there.
      const text = message.text();
      if (text.includes('Content Security Policy') && !text.includes('conversejs.org/media/logos')) refused.push(text);
    });
    await until(async () => (await foyer.show('bert')) !== 'offline', 'Bert online', 60);
    expect(tab.url(), 'no token in the address').to.equal(`${foyer.base}/operator`);

    const vera = foyer.page();
    await vera.visit({ nick: 'Vera' });
    const chat = await vera.startChat('Is <b>anybody</b> there?');
    const contact = tab.locator('.list-item', { hasText: 'Vera' }).first();
    await contact.waitFor({ timeout: 30_000 });
    await contact.locator('a').first().click();
    await tab.locator('.chat-msg__text', { hasText: 'Is <b>anybody</b> there?' }).first().waitFor();
    await tab.locator('.chat-textarea').fill('Bert is here');
    await tab.locator('.chat-textarea').press('Enter');
    const answer = await until(async () => {
      const [row] = await foyer.select("SELECT text FROM messages WHERE chat_id = ? AND sender = 'operator'", [
        chat.id,
      ]);
      return row?.['text'] as string | undefined;
    }, 'the answer in the record');
    expect(answer).to.equal('Bert is here');

    await tab.reload();
    await tab.locator('.list-item', { hasText: 'Vera' }).first().waitFor({ timeout: 30_000 });
    expect(refused, 'refused by the policy').to.deep.equal([]);

    await tab.locator('#out').click();
    await tab.locator('#word', { hasText: 'Not signed in' }).waitFor();
    await until(async () => (await foyer.show('bert')) === 'offline', 'Bert offline', 60);
  });

  it('takes a link once, and none that is over, made up, or whose operator was removed', async () => {
    const address = await link();
    const token = new URL(address).hash.slice(1);
    expect((await post({ token })).status).to.equal(204);
    const again = await post({ token });
    expect(again.status).to.equal(401);
    expect((await again.json()) as object).to.include({ code: 'token_invalid' });
    expect((await post({ token: 'x'.repeat(43) })).status).to.equal(401);
    for (const token of ['', 7, 'a b', 'ä'.repeat(30), 'x'.repeat(40_000)])
      expect((await post({ token })).status).to.equal(422);

    const late = new URL(await link()).hash.slice(1);
    await run(foyer.bridge.core.pool, 'UPDATE operator_sessions SET expires_at = NOW(3) WHERE secret_hash = ?', [
      createHash('sha256').update(late).digest(),
    ]);
    expect((await post({ token: late })).status).to.equal(401);

    const removed = new URL(await link()).hash.slice(1);
    await run(foyer.bridge.core.pool, 'UPDATE operators SET disabled_at = NOW(3) WHERE id = ?', [id]);
    expect((await post({ token: removed })).status).to.equal(401);
    await run(foyer.bridge.core.pool, 'UPDATE operators SET disabled_at = NULL WHERE id = ?', [id]);
  });

  it('gives a login to its session alone, in a cookie that scripts and other sites don’t get', async () => {
    const signedIn = await post({ token: new URL(await link()).hash.slice(1) });
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).to.match(/^foyer_operator=[\w-]{43}; Path=\/operator; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    const login = (value: string) => fetch(`${foyer.base}/operator/v1/login`, { headers: { cookie: value } });
    const mine = cookie.split(';')[0] as string;
    const first = await login(mine);
    expect(first.status).to.equal(200);
    expect((await first.json()) as object).to.include({ jid: `bert@${foyer.settings.ejabberd.host}`, name: 'Bert' });
    for (const value of ['', 'foyer_operator=', `foyer_operator=${'x'.repeat(43)}`, 'foyer_operator=%00'])
      expect((await login(value)).status, value).to.equal(401);
    await run(foyer.bridge.core.pool, 'UPDATE operators SET disabled_at = NOW(3) WHERE id = ?', [id]);
    expect((await login(mine)).status, 'removed').to.equal(401);
    await run(foyer.bridge.core.pool, 'UPDATE operators SET disabled_at = NULL WHERE id = ?', [id]);
    await fetch(`${foyer.base}/operator/v1/session`, { method: 'DELETE', headers: { cookie: mine } });
    expect((await login(mine)).status, 'signed out').to.equal(401);
  });

  it('serves files of the page and none beside them', async () => {
    const status = async (path: string) => (await fetch(`${foyer.base}${path}`)).status;
    expect(await status('/operator/converse/converse.min.js')).to.equal(200);
    for (const path of [
      '../package.json',
      '..%2fpackage.json',
      '%2e%2e/package.json',
      'x.js',
      'converse.min.js.map',
      'a/../../package.json',
    ])
      expect(await status(`/operator/converse/${path}`), path).to.equal(404);
  });
});
