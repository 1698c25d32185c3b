import { expect } from 'chai';
import { chromium, type Browser } from 'playwright-core';
import { startBridge, type TestBridge } from './bridge.js';

describe('the API’s documentation', () => {
  let bridge: TestBridge;
  let browser: Browser;

  before(async function () {
    this.timeout(60_000);
    bridge = await startBridge();
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-background-networking'],
    });
  });
  after(async () => {
    await browser.close();
    await bridge.stop();
  });

  it('is served as OpenAPI, with what the bridge really answers', async () => {
    const { status, body } = await bridge.call<{
      openapi: string;
      info: { version: string };
      paths: Record<string, unknown>;
    }>(null, 'GET', '/openapi.json');
    expect([status, body.openapi, body.info.version]).to.deep.equal([200, '3.1.0', '1.2.3']);
    expect(body.paths).to.include.keys('/api/v1/chats', '/api/v1/visitors/{external_id}/presence', '/hooks/ejabberd');
  });

  it('is shown in a browser from the bridge alone, within its content policy, and tries calls out', async function () {
    this.timeout(60_000);
    const shop = await bridge.instance('main');
    const page = await browser.newPage();
    const faults: string[] = [];
    const elsewhere: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
    page.on('pageerror', (error) => void faults.push(error.message));
    page.on(
      'request',
      (request) =>
        void (
          /^(data|blob):/.test(request.url()) ||
          request.url().startsWith(bridge.origin) ||
          elsewhere.push(request.url())
        ),
    );
    const response = await page.goto(`${bridge.origin}/docs`);
    expect(response?.headers()['content-security-policy'])
      .to.contain("default-src 'none'")
      .and.contain("script-src 'self'");
    await page.locator('.opblock-summary-path', { hasText: '/api/v1/operators' }).first().waitFor();
    await page.locator('.btn.authorize').first().click();
    await page.locator('.auth-container input').first().fill(shop.key);
    await page.locator('.auth-btn-wrapper .authorize').first().click();
    await page.locator('.btn-done').first().click();
    const operation = page.locator('#operations-operators-listOperators');
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.try-out__btn').click();
    await operation.locator('.execute').click();
    await operation.locator('.live-responses-table .response-col_status', { hasText: '200' }).waitFor();
    expect(faults).to.deep.equal([]);
    expect(elsewhere).to.deep.equal([]);
    await page.close();
  });
});
