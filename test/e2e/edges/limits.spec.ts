import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, notices, recorded } from './talk.js';

const CHAT_BYTES = 8_192;

describe('limits', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start({
      environment: {
        FOYER_LIMITS_CHAT_BYTES: String(CHAT_BYTES),
        FOYER_LIMITS_LISTENERS_PER_VISITOR: '3',
        FOYER_LIMITS_MESSAGES_PER_MINUTE_PER_VISITOR: '50',
      },
    });
    anna = await foyer.operator('anna', 'Anna');
  });

  after(() => foyer.stop());

  it('fills a chat to its size and refuses one byte more to the page, which may begin another', async () => {
    const talk = await beginTalk(foyer, anna, 'x');
    expect((await talk.page.say(talk.chatId, 'y'.repeat(CHAT_BYTES - 1))).status).to.equal(202);
    const refused = await talk.page.say(talk.chatId, 'z');
    expect(refused.status).to.equal(413);
    expect(refused.body).to.deep.include({ code: 'chat_full' });
    await talk.page.call('POST', `/chats/${talk.chatId}/close`, {});
    const next = await talk.page.startChat('z');
    expect(await recorded(foyer, next.id)).to.deep.equal(['z']);
    expect(await recorded(foyer, talk.chatId)).to.have.length(2);
  });

  it('refuses one byte more to the operator with a notice, and the session goes on', async () => {
    const full = await beginTalk(foyer, anna, 'x');
    await anna.say(full.contact, 'y'.repeat(CHAT_BYTES - 1));
    await anna.say(full.contact, 'z');
    await until(() => notices(anna, full.contact).some((text) => text.includes('size limit')), 'a notice');
    expect((await recorded(foyer, full.chatId)).map(({ length }) => length)).to.deep.equal([1, CHAT_BYTES - 1]);
    const other = await beginTalk(foyer, anna);
    await anna.say(other.contact, 'Still here');
    await other.page.untilMessages(other.chatId, 'the next message', (list) => list.at(-1)?.text === 'Still here');
  });

  it('takes none of several messages at once when the last doesn’t fit', async () => {
    const talk = await beginTalk(foyer, anna, 'x');
    const messages = [4_000, 4_000, 4_000].map((length, i) => ({
      client_message_id: `m${i}`,
      text: 'y'.repeat(length),
    }));
    expect((await talk.page.call('POST', `/chats/${talk.chatId}/messages`, { messages })).status).to.equal(413);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['x']);
    expect((await talk.page.say(talk.chatId, 'fits')).body.message.number).to.equal(2);
  });

  it('refuses one tab too many that listens, says when to come back, and has room again when one has gone', async () => {
    const page = foyer.page();
    await page.visit();
    const tabs = await Promise.all(Array.from({ length: 3 }, () => openStream(page.token ?? '')));
    const refused = await page.call('GET', '/events?wait=0');
    expect(refused.status).to.equal(429);
    expect(refused.body).to.deep.include({ code: 'rate_limited' });
    expect(Number(refused.headers.get('retry-after'))).to.be.greaterThan(0);
    tabs[0]?.abort();
    await until(async () => (await page.call('GET', '/events?wait=0')).status === 200, 'room for one');
    for (const tab of tabs) tab.abort();
  });

  it('refuses a visitor who sends too much for a minute, and not the next visitor', async () => {
    const talk = await beginTalk(foyer, anna, 'x');
    const statuses: number[] = [];
    for (let i = 0; i < 52; i += 1) statuses.push((await talk.page.say(talk.chatId, 'y')).status);
    expect(statuses.slice(0, 45)).to.deep.equal(Array(45).fill(202));
    expect(statuses.at(-1)).to.equal(429);
    const other = await beginTalk(foyer, anna, 'x');
    expect((await other.page.say(other.chatId, 'y')).status).to.equal(202);
  });

  async function openStream(token: string): Promise<AbortController> {
    const controller = new AbortController();
    const response = await fetch(`${foyer.base}/visitor/v1/events`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
      signal: controller.signal,
    });
    expect(response.status).to.equal(200);
    return controller;
  }
});
