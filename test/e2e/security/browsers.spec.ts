import { expect } from 'chai';
import type { Page as Tab } from 'playwright-core';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { until } from '../../support/until.js';
import { visitorBrowser, type VisitorBrowser } from '../widget/visitor-browser.js';
import { RawConnection } from './door.js';

const SHOP = 'https://shop.example';
const NOTHING = "default-src 'none'; frame-ancestors 'none'";

describe('browsers', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let browser: VisitorBrowser;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_LIMITS_LISTENERS_PER_VISITOR: '1' } });
    browser = await visitorBrowser(foyer.base);
  });

  after(async () => {
    await browser.close();
    await foyer.stop();
  });

  /** Lets pages of these origins alone use the desk; what the bridge remembers of it is a few seconds old at most. */
  async function allow(origins: readonly string[]): Promise<void> {
    await run(foyer.bridge.core.pool, 'UPDATE desks SET allowed_origins = ?', [JSON.stringify(origins)]);
    const wanted = `frame-ancestors ${origins.includes('*') ? '*' : ["'self'", ...origins].join(' ')}`;
    await until(async () => (await policyOf('/widget/frame.html?desk=main')).endsWith(wanted), 'the new origins');
  }

  async function policyOf(path: string, init: RequestInit = {}): Promise<string> {
    const answer = await fetch(foyer.base + path, init);
    await answer.body?.cancel();
    return answer.headers.get('content-security-policy') ?? '';
  }

  it('are told with every answer not to guess, not to tell, and not to load or frame anything', async () => {
    const paths = [
      ...['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs/start.js', '/widget.js', '/widget/frame.js'],
      ...['/widget/strings/en.json', '/visitor/v1/desks/main', '/visitor/v1/events', '/visitor/v1/desks/Nobody!'],
      ...['/api/v1/visitors', '/hooks/ejabberd', '/nowhere', '/visitor/v1/visits'],
    ];
    for (const path of paths)
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'POST']) {
        const answer = await fetch(foyer.base + path, { method });
        await answer.body?.cancel();
        const what = `${method} ${path} → ${answer.status}`;
        expect(answer.headers.get('content-security-policy'), what).to.equal(NOTHING);
        expect(answer.headers.get('x-content-type-options'), what).to.equal('nosniff');
        expect(answer.headers.get('referrer-policy'), what).to.equal('no-referrer');
      }
    for (const path of ['/demo', '/demo/pricing', '/docs', '/supervisor', '/widget/frame.html?desk=main']) {
      const answer = await fetch(foyer.base + path);
      await answer.body?.cancel();
      expect(answer.headers.get('x-content-type-options'), path).to.equal('nosniff');
      expect(answer.headers.get('referrer-policy'), path).to.equal('no-referrer');
      expect(answer.headers.get('content-security-policy'), path).to.include("default-src 'none'");
    }
    const connection = await RawConnection.open(foyer.settings.http.port);
    connection.write('This is no HTTP\r\n\r\n');
    await until(() => connection.over, 'the answer');
    expect(connection.received.toLowerCase()).to.include(`content-security-policy: ${NOTHING}`).and.include('nosniff');
  });

  it('let pages of the desk’s sites read answers and refusals, and those of no other', async () => {
    await allow([SHOP]);
    const visits = `${foyer.base}/visitor/v1/visits`;
    const preflight = (origin: string) =>
      fetch(visits, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
    const allowed = await preflight(SHOP);
    expect(allowed.status).to.equal(204);
    expect(allowed.headers.get('access-control-allow-origin')).to.equal(SHOP);
    // The site's own session comes along, for a member's sake; never where anybody's site may call.
    expect(allowed.headers.get('access-control-allow-credentials')).to.equal('true');
    for (const origin of ['https://evil.example', 'null', 'https://shop.example.evil.example', 'http://shop.example']) {
      const refused = await preflight(origin);
      expect(refused.status, origin).to.equal(403);
      expect(refused.headers.get('access-control-allow-origin'), origin).to.equal(null);
    }
    const page = foyer.page();
    await page.visit();
    const headers = { origin: SHOP, authorization: `Bearer ${page.token}` };
    const polls = new AbortController();
    const open = fetch(`${foyer.base}/visitor/v1/events?cursor=0.0&wait=25`, { headers, signal: polls.signal });
    await until(() => foyer.bridge.core.wake.pagesOpen === 1, 'the first listens');
    const refused = await fetch(`${foyer.base}/visitor/v1/events`, { headers });
    expect(refused.status).to.equal(429);
    expect(refused.headers.get('access-control-allow-origin')).to.equal(SHOP);
    expect(refused.headers.get('access-control-expose-headers')).to.include('Retry-After');
    polls.abort();
    await open.catch(() => null);
    // Helpdesks have no pages: their door lets no origin read anything.
    const api = await fetch(`${foyer.base}/api/v1/visitors`, { headers: { origin: SHOP } });
    expect(api.headers.get('access-control-allow-origin')).to.equal(null);
    await allow(['*']);
    const anybody = await preflight('https://evil.example');
    expect(anybody.status).to.equal(204);
    expect(anybody.headers.get('access-control-allow-credentials')).to.equal(null);
  });

  /** Whether a page of the site gets to see this address in a frame. */
  async function shows(tab: Tab, address: string): Promise<boolean> {
    await tab.goto(`${browser.site}/?bare`);
    await tab.evaluate((src) => {
      const frame = document.createElement('iframe');
      frame.src = src;
      return new Promise<void>((resolve) => {
        frame.addEventListener('load', () => resolve());
        document.body.append(frame);
      });
    }, address);
    const frame = tab.frames().find((one) => one !== tab.mainFrame());
    return frame !== undefined && frame.url() === address;
  }

  it('show the widget’s frame on the desk’s sites only, and other pages of the bridge on none', async () => {
    const visitor = await browser.visitor();
    const tab = await visitor.newPage();
    const frame = `${foyer.base}/widget/frame.html?desk=main`;
    await allow([browser.site]);
    expect(await shows(tab, frame)).to.equal(true);
    const others = [
      '/demo',
      '/demo/pricing',
      '/docs',
      '/supervisor',
      '/openapi.json',
      '/visitor/v1/desks/main',
      '/nowhere',
    ];
    for (const path of others) expect(await shows(tab, foyer.base + path), path).to.equal(false);
    await allow([SHOP]);
    expect(await shows(tab, frame)).to.equal(false);
    await visitor.close();
  });
});
