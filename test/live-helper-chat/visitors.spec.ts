import { expect } from 'chai';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { Stand } from './support/stand.js';

describe('A real Live Helper Chat: visitors on the site', () => {
  let stand: Stand;
  let ada: OperatorClient;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start({ env: { FOYER_VISITORS_HARD_TIMEOUT_SECONDS: '60' } });
    ada = await stand.client('ada', await stand.account(1, 'ada'));
  });

  after(async () => stand.stop());
  afterEach(async () => expect(await stand.site.complaints()).to.deep.equal([]));

  const shows = (from: string, what: RegExp | 'unavailable') =>
    until(
      () => {
        const last = ada.received.findLast((one) => one.is('presence') && one.attrs['from']?.startsWith(from));
        if (!last) return false;
        return what === 'unavailable' ? last.attrs['type'] === what : what.test(last.getChildText('status') ?? '');
      },
      `${from} showing ${String(what)}`,
      90,
    );

  it('shows a visitor’s coming, each page, and going', async function () {
    this.timeout(120_000);
    const visitor = stand.site.visitor();
    await visitor.view('/hats');
    const from = await stand.contactOf(visitor);
    await shows(from, /on \/hats, from search\.example/);
    await visitor.view('/hats/red', 'Red hats');
    await shows(from, /on \/hats\/red/);
    await shows(from, 'unavailable');
    await visitor.view('/hats/blue');
    await shows(from, /on \/hats\/blue/);
  });

  it('invites a visitor without a chat; the chat that comes of it is the operator’s', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/gloves');
    const from = await stand.contactOf(visitor);
    expect(await visitor.invitation()).to.equal(null);
    await ada.say(from, 'Can I help you?');
    const invitation = await until(async () => visitor.invitation(), 'the invitation');
    expect(invitation).to.include({ message: 'Can I help you?', name_support: 'Ada Min' });
    const id = await visitor.start('Which size?', { nick: 'Vera', invited: true });
    await until(() => ada.texts(from).includes('Which size?'), 'the answer to it');
    await ada.say(from, 'Size 8');
    await until(async () => (await stand.site.said(id)).some(([, text]) => text === 'Size 8'), 'the next words');
    const chat = await stand.site.row('SELECT status, user_id, chat_initiator FROM lh_chat WHERE id = ?', [id]);
    expect(chat).to.deep.equal({ status: 1, user_id: 1, chat_initiator: 1 });
  });

  it('goes on in the chat that the visitor has', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/scarfs');
    const from = await stand.contactOf(visitor);
    const id = await visitor.start('First', { nick: 'Vera' });
    await ada.say(from, 'Answer');
    await until(async () => (await stand.site.said(id)).some(([, text]) => text === 'Answer'), 'the answer');
    expect(await visitor.invitation()).to.equal(null);
    await visitor.view('/scarfs/long');
    await shows(from, /on \/scarfs\/long/);
  });

  it('shows what is typed', async () => {
    const visitor = stand.site.visitor();
    await visitor.view('/belts');
    const from = await stand.contactOf(visitor);
    const id = await visitor.start('Belts?', { nick: 'Vera' });
    await ada.say(from, 'Yes');
    await until(async () => (await stand.site.said(id)).some(([, text]) => text === 'Yes'), 'the answer');
    await visitor.type('In bro');
    await ada.expect(
      'typing',
      (one) => one.attrs['from']?.startsWith(from) === true && one.getChild('composing') !== undefined,
    );
    const rtt = await ada.expect(
      'the preview',
      (one) => one.attrs['from']?.startsWith(from) === true && one.getChild('rtt') !== undefined,
    );
    expect(rtt.getChild('rtt')?.getChildText('t')).to.equal('In bro');
  });
});
