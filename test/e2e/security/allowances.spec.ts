import { expect } from 'chai';
import { createApiKey, newApiKey } from '../../../bridge/domain/instances/create-api-key.js';
import { SCOPES } from '../../../bridge/domain/reads.js';
import { randomIds } from '../../../bridge/shared/ids.js';
import { hashSecret } from '../../../bridge/storage/credentials.js';
import { TestFoyer } from '../../support/bridge.js';
import { openStream } from '../../support/page-stream.js';
import { Page } from '../../support/page.js';
import { until } from '../../support/until.js';

const ALLOWED = {
  address: 40,
  visitor: 25,
  key: 20,
  wrong: 5,
  chats: 16,
  openChats: 3,
  listenersHere: 3,
  listenersFor: 2,
};

describe('allowances', () => {
  let foyer: TestFoyer;
  let addresses = 0;

  before(async () => {
    foyer = await TestFoyer.start({
      environment: {
        FOYER_HTTP_TRUSTED_PROXIES: '127.0.0.1',
        FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_ADDRESS: String(ALLOWED.address),
        FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_VISITOR: String(ALLOWED.visitor),
        FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_KEY: String(ALLOWED.key),
        FOYER_LIMITS_WRONG_CREDENTIALS_PER_MINUTE_PER_ADDRESS: String(ALLOWED.wrong),
        FOYER_LIMITS_CHATS_PER_MINUTE: String(ALLOWED.chats),
        FOYER_LIMITS_OPEN_CHATS_PER_ADDRESS: String(ALLOWED.openChats),
        FOYER_LIMITS_LISTENERS_PER_ADDRESS: String(ALLOWED.listenersHere),
        FOYER_LIMITS_LISTENERS_PER_VISITOR: String(ALLOWED.listenersFor),
      },
    });
  });

  after(() => foyer.stop());

  /** As the proxy in front names a client. */
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const newAddress = () => `203.0.113.${(addresses += 1)}`;
  const pageAt = (address: string) => new Page(foyer.base, from(address));
  async function visitorAt(address: string): Promise<Page> {
    const page = pageAt(address);
    await page.visit();
    return page;
  }
  const desk = async (address: string) => pageAt(address).call('GET', '/desks/main');
  const api = (key: string, path = '/desks', address = '203.0.113.250') =>
    fetch(`${foyer.base}/api/v1${path}`, { headers: { ...from(address), authorization: `Bearer ${key}` } });

  async function makeKey(): Promise<string> {
    const key = newApiKey(randomIds);
    await foyer.bridge.core.transactions.alone((tx) =>
      createApiKey(tx, hashSecret, key, { instanceId: 1, name: 'test', scopes: SCOPES, expiresAt: null }),
    );
    return key;
  }

  /** How many calls of many one after the other are let through, and what the first that isn't gets. */
  async function letThrough(call: () => Promise<{ status: number; headers: Headers }>, atMost = 60) {
    for (let count = 0; count < atMost; count += 1) {
      const answer = await call();
      if (answer.status === 429) return { count, refused: answer };
      expect(answer.status).to.be.oneOf([200, 201, 202, 204, 401]);
    }
    throw new Error(`All of ${atMost} calls were let through`);
  }

  function expectProblem({ status, headers }: { status: number; headers: Headers }): void {
    expect(status).to.equal(429);
    expect(headers.get('content-type')).to.include('application/problem+json');
    expect(Number(headers.get('retry-after'))).to.be.within(1, 60);
  }

  it('hold for an address, and leave its visitors alone who are known already', async () => {
    const address = newAddress();
    const page = await visitorAt(address);
    const { id: chatId } = await page.startChat('Hello');
    const { count, refused } = await letThrough(() => desk(address));
    expect(count).to.equal(ALLOWED.address - 2);
    expectProblem(refused);
    expect((await pageAt(address).call('POST', '/visits', { desk: 'main' })).status).to.equal(429);
    expect((await page.say(chatId, 'Still here')).status).to.equal(202);
    expect((await desk(newAddress())).status).to.equal(200);
    // What the client itself puts in front of the proxy's word changes nothing.
    expect((await desk(`${newAddress()}, ${address}`)).status).to.equal(429);
  });

  it('count all addresses of an IPv6 /64 as one', async () => {
    let host = 0;
    const { count } = await letThrough(() => desk(`2001:db8:0:1::${(host += 1).toString(16)}`));
    expect(count).to.equal(ALLOWED.address);
    expect((await desk('2001:db8:0:1:ffff::1')).status).to.equal(429);
    expect((await desk('2001:db8:0:2::1')).status).to.equal(200);
  });

  it('hold for a visitor, and not for the next one', async () => {
    const page = await visitorAt(newAddress());
    const { count, refused } = await letThrough(() => page.call('POST', '/visits', { desk: 'main' }));
    expect(count).to.equal(ALLOWED.visitor);
    expectProblem(refused);
    const other = await visitorAt(newAddress());
    expect((await other.call('POST', '/visits', { desk: 'main' })).status).to.equal(200);
  });

  it('hold for an API key, and not for the next one', async () => {
    const key = await makeKey();
    const { count, refused } = await letThrough(() => api(key));
    expect(count).to.equal(ALLOWED.key);
    expectProblem(refused);
    expect(await (await api(key)).json()).to.deep.include({ status: 429, code: 'rate_limited' });
    expect((await api(await makeKey())).status).to.equal(200);
  });

  it('let nobody try tokens, and whoever had the right one goes on', async () => {
    const address = newAddress();
    const [known, late] = [await visitorAt(address), await visitorAt(newAddress())];
    expect((await known.call('GET', '/events?wait=0')).status).to.equal(200);
    const guesser = pageAt(address);
    const guess = () => {
      guesser.token = randomIds.secret(32);
      return guesser.call('GET', '/events?wait=0');
    };
    const answers = await Promise.all(Array.from({ length: 30 }, guess));
    expect(answers.filter(({ status }) => status === 401)).to.have.length(ALLOWED.wrong);
    for (const answer of answers.filter(({ status }) => status !== 401)) expectProblem(answer);
    // Not even the right one is found by trying.
    guesser.token = late.token;
    expect((await guesser.call('GET', '/events?wait=0')).status).to.equal(429);
    expect((await known.call('GET', '/events?wait=0')).status).to.equal(200);
    expect((await late.call('GET', '/events?wait=0')).status).to.equal(200);
  });

  it('let nobody try keys', async () => {
    const address = newAddress();
    const { count, refused } = await letThrough(() => api(newApiKey(randomIds), '/desks', address));
    expect(count).to.equal(ALLOWED.wrong);
    expectProblem(refused);
    expect((await api(await makeKey(), '/desks', address)).status).to.equal(429);
    expect((await api(await makeKey())).status).to.equal(200);
  });

  it('hold for the chats that are open from an address, also after a restart, and none is refused that is open', async () => {
    const address = newAddress();
    const pages = await Promise.all(Array.from({ length: ALLOWED.openChats + 3 }, () => visitorAt(address)));
    const begin = (page: Page) => page.call<{ chat: { id: number } }>('POST', '/chats', { desk: 'main', text: 'Hi' });
    const answers = await Promise.all(pages.map(begin));
    const open = pages.flatMap((page, i) => (answers[i]?.status === 201 ? [{ page, chat: answers[i].body.chat }] : []));
    expect(open).to.have.length(ALLOWED.openChats);
    for (const answer of answers.filter(({ status }) => status !== 201)) expectProblem(answer);
    const [first] = open;
    const waiting = pages.find((page) => open.every((one) => one.page !== page));
    if (!first || !waiting) throw new Error('There is nobody left');
    await foyer.stopBridge();
    await foyer.startBridge();
    const again = await begin(waiting);
    expectProblem(again);
    expect(again.body).to.deep.include({ code: 'rate_limited' });
    expect((await begin(first.page)).status).to.equal(200);
    expect((await first.page.call('POST', `/chats/${first.chat.id}/close`, {})).status).to.equal(200);
    expect((await begin(waiting)).status).to.equal(201);
    const kept = await foyer.select('SELECT id FROM chats WHERE opener IS NOT NULL AND closed_at IS NOT NULL');
    expect(kept).to.deep.equal([]);
  });

  it('hold for the tabs that listen from an address', async () => {
    const address = newAddress();
    const tabs = [];
    for (let i = 0; i < ALLOWED.listenersHere; i += 1)
      tabs.push(await openStream(foyer.base, (await visitorAt(address)).token, from(address)));
    const late = await visitorAt(address);
    expectProblem(await late.call('GET', '/events?wait=0'));
    expect((await late.call('GET', '/events?wait=0', undefined, from(newAddress()))).status).to.equal(200);
    await tabs[0]?.hangUp();
    await until(async () => (await late.call('GET', '/events?wait=0')).status === 200, 'room for one', 15, 1000);
    for (const tab of tabs) await tab.hangUp();
  });

  it('count a poll only until the page hangs up', async () => {
    const page = await visitorAt(newAddress());
    const polls = new AbortController();
    const { wake } = foyer.bridge.core;
    await page.call('GET', '/events?wait=0');
    const cursor = '0.0';
    const open = Array.from({ length: ALLOWED.listenersFor }, () =>
      fetch(`${foyer.base}/visitor/v1/events?cursor=${cursor}&wait=25`, {
        headers: { ...from('203.0.113.251'), authorization: `Bearer ${page.token}` },
        signal: polls.signal,
      }).catch(() => null),
    );
    await until(() => wake.pagesOpen === ALLOWED.listenersFor, 'both polls');
    polls.abort();
    await Promise.all(open);
    await until(() => wake.pagesOpen === 0, 'nobody listens');
    expect((await page.call('GET', '/events?wait=0')).status).to.equal(200);
  });

  it('are not used up by a helpdesk that polls the visitor’s chat', async () => {
    const address = newAddress();
    const page = await visitorAt(address);
    const { id: chatId, cursor } = await page.startChat('Hello');
    const key = await makeKey();
    const { wake } = foyer.bridge.core;
    const before = wake.size;
    const path = `/chats/${chatId}/events?cursor=${cursor}&wait=25`;
    const polls = Array.from({ length: 6 }, () => api(key, path));
    await until(() => wake.size === before + 6, 'the helpdesk’s polls');
    const tabs = [
      await openStream(foyer.base, page.token, from(address)),
      await openStream(foyer.base, page.token, from(address)),
    ];
    expect(tabs.map(({ status }) => status)).to.deep.equal([200, 200]);
    expectProblem(await page.call('GET', '/events?wait=0'));
    await page.call('POST', `/chats/${chatId}/close`, {});
    for (const poll of polls) expect((await poll).status).to.equal(200);
    for (const tab of tabs) await tab.hangUp();
  });

  it('hold for the chats that all addresses begin together, and leave those alone that run', async () => {
    const running = await visitorAt(newAddress());
    const { id: chatId } = await running.startChat('Hello');
    const { refused } = await letThrough(async () =>
      (await visitorAt(newAddress())).call('POST', '/chats', { desk: 'main' }),
    );
    expectProblem(refused);
    expect((await running.say(chatId, 'Still here')).status).to.equal(202);
    expect((await running.call('POST', '/chats', { desk: 'main' })).status).to.equal(200);
  });
});
