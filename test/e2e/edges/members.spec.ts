import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import { identityOf } from '../../support/identity.js';
import type { OperatorClient } from '../../support/operator-client.js';
import type { Page } from '../../support/page.js';
import { type } from '../../support/type.js';
import { until } from '../../support/until.js';

type Refusal = { code: string; reason?: string };

describe('members, whom the site says who they are', () => {
  let foyer: TestFoyer;
  let api: Helpdesk;
  let anna: OperatorClient;
  let secret: string;

  before(async function () {
    this.timeout(60_000);
    foyer = await TestFoyer.start();
    api = await helpdesk(foyer);
    anna = await foyer.operator('anna', 'Anna');
    ({ secret } = (await api<{ secret: string }>('PUT', '/instance/identity')).body);
  });
  after(() => foyer.stop());

  const vera = (claims: Record<string, unknown> = {}) =>
    identityOf(secret, { sub: 'vera', name: 'Vera', email: 'vera@example.org', ...claims });
  const view = (page: Page, identity?: string) =>
    page.call<Refusal & { token?: string }>('POST', '/visits', { desk: 'main', identity });
  const visitor = async (sub: string) =>
    (await api<{ visitor: { id: number; verified: boolean; nick: string; email: string } }>('GET', `/visitors/${sub}`))
      .body.visitor;

  it('are one visitor on every device, with the name that the site gives, which no page can change', async () => {
    const phone = foyer.page();
    await phone.visit({ identity: vera(), nick: 'Mallory', email: 'mallory@example.org' });
    const chat = await phone.startChat('From my phone', { nick: 'Mallory', email: 'mallory@example.org' });
    const given = { verified: true, nick: 'Vera', email: 'vera@example.org' };
    expect(await visitor('vera')).to.deep.include(given);
    const laptop = foyer.page();
    const again = await laptop.visit({ identity: vera() });
    expect(again.chat?.id).to.equal(chat.id);
    expect(laptop.token).not.to.equal(phone.token);
    for (const page of [phone, laptop]) {
      await page.visit({ identity: vera(), nick: 'Mallory' });
      const sent = await page.call('POST', `/chats/${chat.id}/messages`, {
        client_message_id: page.token?.slice(0, 9),
        text: 'Me',
      });
      expect(sent.status).to.equal(202);
    }
    expect(await visitor('vera')).to.deep.include(given);
    const contact = await until(
      () =>
        anna.received.find((stanza) => stanza.getChildText('body') === 'From my phone')?.attrs['from']?.split('/')[0],
      'Anna reads it',
    );
    await type(anna, contact, '!info');
    await until(() => anna.texts(contact).some((text) => text.includes('Verified by the site: vera')), 'Anna knows');
  });

  it('can be told from guests who say that they are verified', async () => {
    const guest = foyer.page();
    await guest.visit({ nick: 'Vera', custom: { 'Verified by the site': 'vera' } });
    await guest.startChat('Believe me');
    const contact = await until(
      () => anna.received.find((stanza) => stanza.getChildText('body') === 'Believe me')?.attrs['from']?.split('/')[0],
      'Anna reads it',
    );
    await type(anna, contact, '!info');
    const info = await until(
      () => anna.texts(contact).find((text) => text.includes('Verified by the site')),
      'Anna asks who it is',
    );
    expect(info.split('\n')).to.include('[Verified by the site] vera');
    expect(info).not.to.match(/^Verified/m);
  });

  it('lose a browser’s token when the site signs them out there, or somebody else in', async () => {
    const shared = foyer.page();
    await shared.visit({ identity: vera() });
    const member = shared.visitorId;
    const signedOut = await view(shared);
    expect([signedOut.status, signedOut.body.code]).to.deep.equal([401, 'identity_changed']);
    expect((await shared.call('GET', '/events?wait=0')).status).to.equal(401);
    shared.token = undefined;
    await shared.visit();
    expect(shared.visitorId).not.to.equal(member);

    const other = foyer.page();
    await other.visit({ identity: vera() });
    const bob = identityOf(secret, { sub: 'bob', name: 'Bob' });
    expect((await view(other, bob)).body.code).to.equal('identity_changed');
    expect((await other.call('GET', '/events?wait=0')).status).to.equal(401);
    other.token = undefined;
    await other.visit({ identity: bob });
    expect(other.visitorId).to.equal((await visitor('bob')).id);
  });

  it('bring along the chat that they began as guests, and nobody gets back in by the guest’s token', async () => {
    const page = foyer.page();
    await page.visit({ nick: 'Guest' });
    const chat = await page.startChat('Before I sign in');
    const guest = page.token;
    const carla = identityOf(secret, { sub: 'carla' });
    const seen = await page.visit({ identity: carla });
    expect(seen.chat?.id).to.equal(chat.id);
    expect((await visitor('carla')).nick).to.equal(null);
    page.token = guest;
    expect((await page.call('GET', '/events?wait=0')).status).to.equal(401);
  });

  it('can’t be made up: no such visitor appears, and no guest of that name', async () => {
    const count = async () => (await foyer.select('SELECT COUNT(*) AS n FROM visitors'))[0]?.['n'];
    const before = await count();
    const forged = identityOf('x'.repeat(43), { sub: 'vera', name: 'Vera' });
    const text = `${btoa('{"alg":"none"}')}.${forged.split('.')[1] ?? ''}`.replaceAll('=', '');
    const late = Math.floor(Date.now() / 1000) - 3600;
    for (const [identity, reason] of [
      [forged, 'signature'],
      [`${text}.`, 'malformed'],
      [`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`, 'malformed'],
      [vera({ aud: 'other' }), 'audience'],
      [vera({ exp: late }), 'expired'],
    ] as const) {
      const { status, body } = await view(foyer.page(), identity);
      expect([status, body.code, body.reason]).to.deep.equal([403, 'identity_invalid', reason]);
    }
    expect(await count()).to.equal(before);
  });

  it('are out as soon as the site permits them no chats', async () => {
    const page = foyer.page();
    await page.visit({ identity: vera({ permissions: ['read', 'chat'] }) });
    const without = vera({ permissions: ['read'] });
    expect((await view(page, without)).body.code).to.equal('identity_changed');
    expect((await page.call('GET', '/events?wait=0')).status).to.equal(401);
    const refused = await view(foyer.page(), without);
    expect([refused.status, refused.body.code]).to.deep.equal([403, 'not_permitted']);
  });

  it('are the only ones at a desk that is for them', async () => {
    const { desks } = (await api<{ desks: { id: number; key: string }[] }>('GET', '/desks')).body;
    const path = `/desks/${desks.find(({ key }) => key === 'main')?.id}`;
    const guest = foyer.page();
    await guest.visit();
    await api('PATCH', path, { who: 'members' });
    try {
      const left = { desk: 'main', name: 'G', email: 'g@example.org', text: 'Hi', client_message_id: 'g-1' };
      for (const refused of [
        await view(foyer.page()),
        await view(guest),
        await guest.call<Refusal>('POST', '/chats', { desk: 'main', text: 'Let me in' }),
        await guest.call<Refusal>('POST', '/offline-messages', left),
      ])
        expect([refused.status, refused.body.code]).to.deep.equal([403, 'members_only']);
      const member = foyer.page();
      await member.visit({ identity: vera() });
      await member.startChat('Let me in');
    } finally {
      await api('PATCH', path, { who: 'everybody' });
    }
  });

  it('are let in by both secrets while the site changes over, and by none when there is none', async () => {
    const earlier = vera();
    ({ secret } = (await api<{ secret: string }>('PUT', '/instance/identity', { rotate: true })).body);
    for (const identity of [earlier, vera()]) expect((await view(foyer.page(), identity)).status).to.equal(200);
    ({ secret } = (await api<{ secret: string }>('PUT', '/instance/identity')).body);
    expect((await view(foyer.page(), earlier)).body.reason).to.equal('signature');
    expect((await view(foyer.page(), vera())).status).to.equal(200);
    await api('DELETE', '/instance/identity');
    expect((await view(foyer.page(), vera())).body.reason).to.equal('off');
    const kept = JSON.stringify([
      await foyer.select('SELECT audit.details FROM audit'),
      (await foyer.select('SELECT identity_secrets_box AS box FROM instances'))[0]?.['box'],
    ]);
    expect(kept).not.to.contain(secret);
  });
});
