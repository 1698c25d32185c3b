import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, recorded, recordOnceLater, type Talk } from './talk.js';

interface Results {
  results: { id: string; status: string; code?: string }[];
}

describe('what comes twice, or in another order', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  const event = (id: string, body: string, more: Record<string, unknown> = {}) => ({
    ...{ id, at: new Date().toISOString(), kind: 'message', from: anna.jid, to: talk.contact, to_service: false },
    ...{ stanza_id: `s-${id}`, type: 'chat', receipt_requested: false, markable: false, body, ...more },
  });

  /** Delivers as mod_foyer would. */
  async function deliver(
    events: unknown[],
    secret = foyer.ejabberd.hooksSecrets[0] ?? '',
  ): Promise<{ status: number; results: Results['results'] }> {
    const body = JSON.stringify({ version: 1, host: foyer.settings.ejabberd.host, node: 'test@localhost', events });
    const at = new Date();
    const signature = new Webhook(secret).sign('batch-1', at, body);
    const response = await fetch(`${foyer.base}/hooks/ejabberd`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'webhook-id': 'batch-1',
        'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
        'webhook-signature': signature,
      },
      body,
    });
    const answer = (await response.json()) as Partial<Results>;
    return { status: response.status, results: answer.results ?? [] };
  }

  it('takes a batch of ejabberd once, however often it is delivered', async () => {
    const batch = [event('twice-1', 'one'), event('twice-2', 'two')];
    expect((await deliver(batch)).results.map(({ status }) => status)).to.deep.equal(['stored', 'stored']);
    expect((await deliver(batch)).results.map(({ status }) => status)).to.deep.equal(['duplicate', 'duplicate']);
    expect((await deliver([...batch, event('twice-3', 'three')])).results.map(({ status }) => status)).to.deep.equal([
      'duplicate',
      'duplicate',
      'stored',
    ]);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'one', 'two', 'three']);
  });

  it('takes a batch once that is delivered ten times at the same moment', async () => {
    const batch = [event('crowd-1', 'one'), event('crowd-2', 'two')];
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(batch)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(10).fill(200));
    const stored = answers.filter(({ results }) => results.every(({ status }) => status === 'stored'));
    expect(stored).to.have.length(1);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'one', 'two']);
  });

  it('stores an event twice in one batch once', async () => {
    const { results } = await deliver([event('same-1', 'one'), event('same-1', 'one')]);
    expect(results.map(({ status }) => status)).to.deep.equal(['stored', 'duplicate']);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'one']);
  });

  it('takes a message once that the operator’s client sends again after a lost connection, and confirms it again', async () => {
    const id = crypto.randomUUID();
    for (let i = 0; i < 3; i += 1) await anna.say(talk.contact, 'Once is enough', { id, receipt: true });
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'Once is enough']);
    const receipts = () =>
      anna.received.filter((stanza) => stanza.getChild('received', 'urn:xmpp:receipts')?.attrs['id'] === id);
    await until(() => receipts().length === 3, 'three receipts');
  });

  it('takes the same words as often as an operator says them', async () => {
    for (const more of [{}, {}, { id: '1' }, { id: '1' }, { id: crypto.randomUUID() }, { id: crypto.randomUUID() }])
      await anna.say(talk.contact, 'ok', more);
    const id = crypto.randomUUID();
    await anna.say(talk.contact, 'one', { id });
    await anna.say(talk.contact, 'two', { id });
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', ...Array(6).fill('ok'), 'one', 'two']);
  });

  it('stores both of two events that overtook each other', async () => {
    expect((await deliver([event('order-2', 'second')])).results[0]?.status).to.equal('stored');
    expect((await deliver([event('order-1', 'first')])).results[0]?.status).to.equal('stored');
    expect(await recorded(foyer, talk.chatId)).to.have.members(['Hello', 'first', 'second']);
  });

  it('goes by what an operator’s client says now, though a clock that was ahead has reported it later', async () => {
    const ahead = {
      at: new Date(Date.now() + 200_000).toISOString(),
      kind: 'presence',
      operator: anna.jid.split('/')[0],
    };
    const { results } = await deliver([{ id: 'ahead-1', ...ahead, change: 'changed', show: 'dnd' }]);
    expect(results.map(({ status }) => status)).to.deep.equal(['stored']);
    expect(await foyer.show('anna')).to.equal('dnd');
    await anna.presence('away');
    await until(async () => (await foyer.show('anna')) === 'away', 'away');
  });

  it('rejects an event that it can’t use, by name, and takes the others of its batch', async () => {
    const { status, results } = await deliver([
      event('good-1', 'one'),
      { ...event('bad-1', 'two'), kind: 'nonsense' },
      event('good-2', 'three'),
    ]);
    expect(status).to.equal(200);
    expect(results.map((result) => [result.id, result.status, result.code])).to.deep.equal([
      ['good-1', 'stored', undefined],
      ['bad-1', 'rejected', 'invalid_request'],
      ['good-2', 'stored', undefined],
    ]);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'one', 'three']);
    expect(await foyer.select("SELECT code FROM rejected_events WHERE id = 'bad-1'")).to.deep.equal([
      { code: 'invalid_request' },
    ]);
  });

  it('stores nothing of a batch that somebody else has signed', async () => {
    const { status } = await deliver([event('forged-1', 'forged')], `whsec_${Buffer.alloc(32, 9).toString('base64')}`);
    expect(status).to.equal(401);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello']);
  });

  it('makes one row and one stanza of a page’s message that is posted three times', async () => {
    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push(await talk.page.say(talk.chatId, 'Thrice', 'client-id-1'));
    expect(answers.map(({ status, body }) => [status, body.message.number])).to.deep.equal([
      [202, 2],
      [202, 2],
      [202, 2],
    ]);
    await talk.page.say(talk.chatId, 'behind it');
    await until(() => anna.texts(talk.contact).includes('behind it'), 'what was said behind it');
    expect(anna.texts(talk.contact)).to.deep.equal(['Hello', 'Thrice', 'behind it']);
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', 'Thrice', 'behind it']);
  });

  it('makes one row and one stanza of twenty posts of the same message at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => talk.page.say(talk.chatId, 'Twenty', 'client-id-2')),
    );
    expect(answers.map(({ status, body }) => `${status} ${body.message.number}`)).to.deep.equal(
      Array(20).fill('202 2'),
    );
    await talk.page.say(talk.chatId, 'behind it');
    await until(() => anna.texts(talk.contact).includes('behind it'), 'what was said behind it');
    expect(anna.texts(talk.contact)).to.deep.equal(['Hello', 'Twenty', 'behind it']);
    expect(await recordOnceLater(foyer, anna, talk)).to.deep.equal(['Hello', 'Twenty', 'behind it']);
  });

  it('keeps one chat when a page begins it ten times at once', async () => {
    const page = foyer.page();
    await page.visit();
    const begun = await Promise.all(
      Array.from({ length: 10 }, () =>
        page.call<{ chat: { id: number } }>('POST', '/chats', {
          desk: 'main',
          text: 'Once',
          client_message_id: 'begin',
        }),
      ),
    );
    expect(new Set(begun.map(({ body }) => body.chat.id)).size).to.equal(1);
    expect(begun.filter(({ status }) => status === 201)).to.have.length(1);
    expect(await recorded(foyer, begun[0]?.body.chat.id ?? 0)).to.deep.equal(['Once']);
  });

  it('takes fifty messages of a page that was offline at once, and again, without doubling', async () => {
    const messages = Array.from({ length: 50 }, (_, i) => ({ client_message_id: `late-${i}`, text: `late ${i}` }));
    for (let i = 0; i < 2; i += 1) {
      const { status } = await talk.page.call('POST', `/chats/${talk.chatId}/messages`, { messages });
      expect(status).to.equal(202);
    }
    const texts = ['Hello', ...messages.map(({ text }) => text)];
    expect(await recorded(foyer, talk.chatId)).to.deep.equal(texts);
    await until(() => anna.texts(talk.contact).length >= texts.length, 'all at the operator');
    expect(anna.texts(talk.contact)).to.deep.equal(texts);
  });
});
