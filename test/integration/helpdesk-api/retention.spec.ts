import { expect } from 'chai';
import { eraseOldVisitors } from '../../../bridge/domain/visitors/erase-visitor.js';
import { createUpkeep } from '../../../bridge/storage/upkeep-store.js';
import { startBridge, type TestBridge } from './bridge.js';

/** A visitor of each instance was last there 20 days ago. */
describe('how long an instance keeps its visitors', () => {
  let bridge: TestBridge;
  let hosts: string;

  before(async () => {
    bridge = await startBridge();
    const { id } = await bridge.instance('main');
    hosts = await bridge.key(id, ['hosting']);
  });
  after(() => bridge.stop());

  async function visitorOf(name: string, retentionDays: number | null): Promise<{ key: string; chat: number }> {
    const { key } = await bridge.instance(name);
    const set = await bridge.call(hosts, 'PATCH', `/api/v1/instances/${name}`, { retention_days: retentionDays });
    expect(set.status).to.equal(200);
    const { body } = await bridge.call<{ chat: { id: number } }>(key, 'POST', '/api/v1/chats', {
      ...{ desk: 'main', visitor: {}, text: `Hello ${name}` },
    });
    await bridge.call(key, 'POST', `/api/v1/chats/${body.chat.id}/close`);
    await bridge.query(
      'UPDATE visitors JOIN chats ON chats.visitor_id = visitors.id SET visitors.online = 0, visitors.online_until = NOW(3) - INTERVAL 20 DAY, chats.closed_at = NOW(3) - INTERVAL 20 DAY WHERE chats.id = ?',
      [body.chat.id],
    );
    return { key, chat: body.chat.id };
  }

  it('is what it says, whatever the others say, and the settings for who says nothing', async () => {
    const short = await visitorOf('short', 10);
    const long = await visitorOf('long', 30);
    const silent = await visitorOf('silent', null);
    const kept = async () => {
      const found: string[] = [];
      for (const [name, { key, chat }] of Object.entries({ short, long, silent })) {
        const { body } = await bridge.call<{ messages?: { text: string }[] }>(
          ...([key, 'GET', `/api/v1/chats/${chat}/messages`] as const),
        );
        if (body.messages?.some(({ text }) => text === `Hello ${name}`) === true) found.push(name);
      }
      return found;
    };
    const upkeep = createUpkeep(bridge.pool);
    const erase = (days: number | null) => eraseOldVisitors(upkeep, bridge.transactions, days);
    expect(await kept()).to.deep.equal(['short', 'long', 'silent']);
    expect(await erase(null), 'where no setting says a number').to.equal(1);
    expect(await kept()).to.deep.equal(['long', 'silent']);
    expect(await erase(15)).to.equal(1);
    expect(await kept()).to.deep.equal(['long']);
    expect(await erase(15)).to.equal(0);
  });
});
