import { expect } from 'chai';
import fc, { type Arbitrary } from 'fast-check';
import { randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { TestFoyer } from '../../support/bridge.js';
import { hostileText, mutated, oddValue, sample, tellSeedOfFailures, type Json } from '../../support/malformed.js';
import { spoilt, written } from '../../support/malformed-bytes.js';
import type { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { Door, signed } from './door.js';
import { contradictions, fingerprint } from './record.js';

const SECRET = randomWebhookSecret();
/** Malformed events, at least. */
const EVENTS = 10_000;
const EVENTS_A_BATCH = 25;
const ODD_BATCHES = 1_000;

interface Outcome {
  id: string;
  status: string;
  code?: string;
  reason?: string;
}

describe('malformed events of mod_foyer', function () {
  this.timeout(180_000);
  tellSeedOfFailures();
  let foyer: TestFoyer;
  let door: Door;
  let page: Page;
  let chatId: number;
  let ids = 0;
  const unhandled: unknown[] = [];
  const keepUnhandled = (reason: unknown) => void unhandled.push(reason);

  before(async () => {
    process.on('unhandledRejection', keepUnhandled);
    foyer = await TestFoyer.start({
      environment: {
        FOYER_HOOKS_SECRETS: SECRET,
        FOYER_PROCESS_ROLES: 'http,deliver',
        FOYER_LIMITS_CHAT_BYTES: '67108864',
      },
    });
    // This file is mod_foyer; the real one has another secret.
    foyer.gate.behave = { answer: 503 };
    await foyer.addOperator('anna', 'Anna');
    page = foyer.page();
    await page.visit();
    ({ id: chatId } = await page.startChat('Hello'));
    await until(async () => (await foyer.select('SELECT id FROM outbox')).length === 0, 'what this set off is done');
    // Nothing is to move but by the events.
    await foyer.stopBridge();
    await foyer.startBridge({ roles: ['http'] });
    door = new Door(foyer.base);
  });

  after(async () => {
    process.off('unhandledRejection', keepUnhandled);
    door.close();
    await foyer.stop();
  });

  /** Right ones of every kind, of an operator and to a visitor that there are; without an id. */
  function rightEvents(): Arbitrary<Json> {
    const { host } = foyer.settings.ejabberd;
    const at = fc.constantFrom(new Date().toISOString(), '2026-11-21T05:00:00Z', '1970-01-01T00:00:00.000Z');
    const addressed = { at, from: fc.constant(`anna@${host}/x`), to: fc.constant(foyer.contact(page)) };
    const states = fc.constantFrom('active', 'composing', 'paused', 'inactive', 'gone');
    const messageId = fc.oneof(
      fc.constantFrom(`foyer.${chatId}.1.1`, '', 'foyer.1', 'foyer.-1.1.1', 'foyer.999999999999999.999999999.1'),
      hostileText,
    );
    const presence = {
      show: fc.constantFrom('available', 'chat', 'away', 'xa', 'dnd', 'offline'),
      status: hostileText,
      priority: fc.integer({ min: -128, max: 127 }),
      resources: fc.integer({ min: 0, max: 10_000 }),
    };
    const operator = fc.constantFrom(`anna@${host}`, `nobody@${host}`);
    return fc.oneof(
      fc.record(
        {
          ...addressed,
          kind: fc.constant('message'),
          to_service: fc.boolean(),
          stanza_id: fc.oneof(fc.uuid(), hostileText),
          origin_id: fc.oneof(
            fc.uuid(),
            hostileText.filter((text) => text !== ''),
          ),
          body: hostileText,
          receipt_requested: fc.boolean(),
          markable: fc.boolean(),
          replaces: fc.oneof(fc.uuid(), hostileText),
          chat_state: states,
          encrypted: fc.constantFrom('omemo', 'otr'),
        },
        { requiredKeys: ['at', 'from', 'to', 'kind', 'body'] },
      ),
      fc.record({ ...addressed, kind: fc.constant('chat_state'), to_service: fc.boolean(), state: states }),
      fc.record({ ...addressed, kind: fc.constant('receipt'), message_id: messageId }),
      fc.record({
        ...addressed,
        kind: fc.constant('marker'),
        marker: fc.constantFrom('received', 'displayed', 'acknowledged'),
        message_id: messageId,
      }),
      fc.record({
        ...{ at, ...presence, operator, kind: fc.constant('presence') },
        change: fc.constantFrom('connected', 'disconnected', 'changed'),
      }),
      fc.record({
        ...{ at, kind: fc.constant('ping') },
        operators: fc.array(fc.record({ ...presence, jid: operator }), { maxLength: 3 }),
      }),
    ) as Arbitrary<Json>;
  }

  /** As the door lets in: with an id of its own. */
  const withId = (event: Json): { id: string } => ({
    ...(typeof event === 'object' && !Array.isArray(event) ? event : { event }),
    id: `bad-${(ids += 1)}`,
  });

  function good(text: string): { id: string } {
    const { host } = foyer.settings.ejabberd;
    const addressed = { from: `anna@${host}/x`, to: foyer.contact(page) };
    const event = { at: new Date().toISOString(), kind: 'message', ...addressed, body: text };
    return { ...event, id: text.replaceAll(' ', '-') };
  }

  const envelope = (events: readonly unknown[]) => ({
    ...{ version: 1, host: foyer.settings.ejabberd.host, node: 'test@localhost', events },
  });

  let posts = 0;
  async function post(body: Buffer): Promise<{ status: number; text: string }> {
    const headers = signed(SECRET, body, { id: `post-${(posts += 1)}` });
    return door.call({ method: 'POST', path: '/hooks/ejabberd', body, headers });
  }

  async function send(events: readonly { id: string }[]): Promise<Outcome[]> {
    const body = Buffer.from(JSON.stringify(envelope(events)));
    const { status, text } = await post(body);
    expect(status, `${text.slice(0, 300)}\n${body.toString().slice(0, 3_000)}`).to.equal(200);
    return (JSON.parse(text) as { results: Outcome[] }).results;
  }

  const texts = async () => (await foyer.select('SELECT text FROM messages')).map((row) => row['text'] as string);

  it('have an outcome each, while good ones of the same batch are stored, and once', async () => {
    const events = sample(mutated(rightEvents()), EVENTS).map(withId);
    const said: string[] = [];
    const statuses = new Map<string, number>();
    for (let from = 0; from < events.length; from += EVENTS_A_BATCH) {
      const text = `good ${from}`;
      const chosen: { id: string }[] = events.slice(from, from + EVENTS_A_BATCH);
      const batch = chosen.toSpliced(from % EVENTS_A_BATCH, 0, good(text));
      const outcomes = await send(batch);
      said.push(text);
      expect(outcomes.map(({ id }) => id)).to.deep.equal(batch.map(({ id }) => id));
      for (const [i, { id, status, code, reason }] of outcomes.entries()) {
        const what = JSON.stringify(batch[i])?.slice(0, 1_000);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (id.startsWith('good')) expect(status, what).to.equal('stored');
        else expect(status, what).to.be.oneOf(['stored', 'rejected']);
        if (status !== 'rejected') continue;
        expect(code, `${reason}: ${what}`).to.be.a('string').and.not.equal('internal');
        expect(reason, what).to.be.a('string').and.not.equal('');
      }
      // The whole batch again, as after an answer that was lost.
      if (from % (20 * EVENTS_A_BATCH) === 0)
        expect(new Set((await send(batch)).map(({ status }) => status))).to.deep.equal(new Set(['duplicate']));
    }
    expect((await texts()).filter((text) => text.startsWith('good '))).to.deep.equal(said);
    expect(statuses.get('rejected'), 'rejected').to.be.at.least(EVENTS / 10);
    expect(statuses.get('stored'), 'stored').to.be.at.least(EVENTS / 10);
  });

  it('leave a record in which nothing is half-written', async () => {
    expect(await contradictions(foyer)).to.deep.equal({});
    const [kept] = await foyer.select('SELECT COUNT(*) AS count FROM rejected_events');
    expect(Number(kept?.['count'])).to.be.at.least(EVENTS / 10);
  });

  it('have ids that are refused with their batch, or an outcome', async () => {
    const named = fc
      .tuple(rightEvents(), fc.oneof(oddValue, hostileText))
      .map(([event, id]) => ({ ...(event as object), id }) as Json);
    for (const event of sample(named, ODD_BATCHES, 1)) {
      const before = (await texts()).length;
      const { status, text } = await post(Buffer.from(JSON.stringify(envelope([event]))));
      expect(status, JSON.stringify(event)).to.be.oneOf([200, 422]);
      if (status === 422) expect((await texts()).length, text).to.equal(before);
    }
  });

  it('in batches that are no batches are refused, and nothing of them is taken', async () => {
    const batch = fc
      .array(rightEvents(), { minLength: 1, maxLength: 3 })
      .map((events) => envelope(events.map((event) => withId(event))) as unknown as Json);
    const bodies = sample(fc.oneof(written(mutated(batch)), spoilt(batch)), ODD_BATCHES, 2);
    const refused: Buffer[] = [];
    for (const body of bodies) {
      const { status, text } = await post(body);
      expect(status, `${text}\n${body.toString('latin1').slice(0, 2_000)}`).to.be.oneOf([200, 400, 422]);
      if (status >= 400) refused.push(body);
    }
    expect(refused.length).to.be.at.least(ODD_BATCHES / 4);
    const before = await fingerprint(foyer);
    for (const body of refused) expect((await post(body)).status).to.be.oneOf([400, 422]);
    expect(await fingerprint(foyer)).to.deep.equal(before);
    expect(await contradictions(foyer)).to.deep.equal({});
  });

  it('leave the door as it was', async () => {
    expect((await send([good('good at the end')]))[0]).to.deep.equal({ id: 'good-at-the-end', status: 'stored' });
    expect((await texts()).filter((text) => text === 'good at the end')).to.have.length(1);
    expect(unhandled).to.deep.equal([]);
  });
});
