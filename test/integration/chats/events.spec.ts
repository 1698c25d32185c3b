import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { createRegistry } from '../../../bridge/domain/commands/registry.js';
import type { Account } from '../../../bridge/domain/accounts/account.js';
import { ensureServiceAccount } from '../../../bridge/domain/accounts/service-account.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import type { OutboxEntry } from '../../../bridge/domain/outbox/entry.js';
import type { EventResult } from '../../../bridge/inbound/ejabberd-hooks/events.js';
import { receiveBatch } from '../../../bridge/inbound/ejabberd-hooks/receive.js';
import { retryRejected } from '../../../bridge/inbound/ejabberd-hooks/rejected.js';
import { createEvents } from '../../../bridge/observe/events.js';
import { createLog } from '../../../bridge/observe/log.js';
import { createMetrics } from '../../../bridge/observe/metrics.js';
import type { FoyerError } from '../../../bridge/shared/errors.js';
import { run } from '../../../bridge/storage/pool.js';
import { Store } from '../storage/store.js';
import { addOperator, addVisitor, LIMITS } from './people.js';

const SECOND = 1_000;
const HOUR = 3_600_000;

describe('events of mod_foyer', () => {
  let store: Store;
  let anna: Operator;
  let account: Account;

  beforeEach(async () => {
    store = await Store.open();
    anna = await addOperator(store, 'anna');
    ({ account } = await addVisitor(store));
  });

  afterEach(() => store.close());

  /** One batch of events from Anna to the visitor's contact. */
  function receive(...events: Record<string, unknown>[]): Promise<EventResult[]> {
    const metrics = createMetrics({ processMetrics: false });
    const common = { from: `${anna.jid}/desk`, to: `${account.local}@${account.host}`, at: ago(0) };
    return receiveBatch(
      {
        ...{ transactions: store.transactions, limits: LIMITS, commands: createRegistry([]), serviceLocal: 'foyer' },
        events: createEvents(createLog('silent'), metrics),
      },
      {
        ...{ version: 1, host: 'x.org', node: 'ejabberd@localhost' },
        events: events.map((event) => ({ id: randomUUID(), ...common, ...event })),
      },
    );
  }

  const message = (body: string, at = ago(0)) => ({ kind: 'message', body, at });
  const typing = (at: string) => ({ kind: 'chat_state', state: 'composing', at });
  const feed = async () => (await store.select('SELECT kind FROM feed ORDER BY number')).map((row) => row['kind']);

  it('give a message the time at which the operator wrote it, however late they come', async () => {
    const written = ago(2 * HOUR);
    await receive(message('Early', written));
    const [row] = await store.select('SELECT created_at FROM messages');
    expect((row?.['created_at'] as Date).toISOString()).to.equal(written);
  });

  it('never let a message come from the future', async () => {
    await receive(message('Ahead', ago(-HOUR)));
    const [row] = await store.select('SELECT created_at FROM messages');
    expect((row?.['created_at'] as Date).getTime()).to.be.at.most(Date.now());
  });

  it('show who types now, and not who typed before the bridge was there', async () => {
    await receive(message('Hello'));
    await receive(typing(ago(60 * SECOND)));
    expect(await feed()).to.not.include('typing');
    await receive(typing(ago(2 * SECOND)));
    expect(await feed()).to.include('typing');
  });

  it('may name what they are about by ids as long as mod_foyer lets pass', async () => {
    const id = 'i'.repeat(1024);
    const results = await receive(
      { ...message('Corrected'), replaces: id, stanza_id: id, origin_id: id },
      { kind: 'receipt', message_id: id },
      { kind: 'marker', marker: 'displayed', message_id: id },
    );
    expect(results.map(({ status }) => status)).to.deep.equal(['stored', 'stored', 'stored']);
  });

  describe('that are rejected', () => {
    const SAID = 'to anna@x.org: [Foyer] Your message to visitor.1@x.org could not be taken. It was not sent.';

    beforeEach(() => ensureServiceAccount(store.transactions, 'x.org', 'foyer'));

    /** What the service account says to operators. */
    const notices = async () =>
      (
        await store.select(
          "SELECT entry FROM outbox JOIN accounts ON outbox.lane = CONCAT('a:', accounts.id) WHERE kind = 'service' ORDER BY outbox.id",
        )
      )
        .map((row) => JSON.parse(row['entry'] as string) as OutboxEntry)
        .flatMap((entry) => (entry.kind === 'xmpp.message' ? [`to ${entry.to}: ${entry.body}`] : []));
    const kept = () => store.select('SELECT host, code FROM rejected_events');

    for (const [name, prepare, event, code] of [
      [
        'go to a contact of another instance',
        'UPDATE accounts SET instance_id = 2 WHERE kind = "visitor"',
        {},
        'forbidden',
      ],
      ['meet a fault', 'RENAME TABLE feed TO feed_away', {}, 'internal'],
      ['can’t be read', 'DO 0', { markable: 'perhaps' }, 'invalid_request'],
    ] as const) {
      it(`are kept, and their author is told, when they ${name}`, async () => {
        await run(store.pool, prepare);
        const [result] = await receive({ ...message('Hello'), ...event });
        expect(result).to.include({ status: 'rejected', code });
        expect(await notices()).to.deep.equal([SAID]);
        expect(await kept()).to.deep.equal([{ host: 'x.org', code }]);
      });
    }

    it('say nothing when nobody wrote', async () => {
      await receive({ kind: 'presence', operator: 'nobody@x.org', change: 'connected', show: 'available' });
      expect(await kept()).to.have.length(1);
      expect(await notices()).to.deep.equal([]);
    });

    it('can be taken again, once, when the cause is mended', async () => {
      const again = (id: string) =>
        store.transactions.alone((tx) =>
          retryRejected(tx, { limits: LIMITS, commands: createRegistry([]), serviceLocal: 'foyer' }, id, null),
        );
      await run(store.pool, 'RENAME TABLE feed TO feed_away');
      const [result] = await receive(message('Hello'));
      const id = result?.id ?? '';
      expect(await again(id).catch(() => 'refused again')).to.equal('refused again');
      expect(await kept()).to.have.length(1);
      await run(store.pool, 'RENAME TABLE feed_away TO feed');
      await again(id);
      expect(await store.select('SELECT text FROM messages')).to.deep.equal([{ text: 'Hello' }]);
      expect(await kept()).to.deep.equal([]);
      expect(await again(id).catch(({ code }: FoyerError) => code)).to.equal('not_found');
    });
  });
});

/** RFC 3339, so many milliseconds before now. */
function ago(milliseconds: number): string {
  return new Date(Date.now() - milliseconds).toISOString();
}
