import { expect } from 'chai';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import type { Tx } from '../../../bridge/domain/ports.js';
import { FoyerError } from '../../../bridge/shared/errors.js';
import { rows, run } from '../../../bridge/storage/pool.js';
import { until } from '../../support/until.js';
import { Store } from './store.js';

const TOO_LONG_FOR_ITS_COLUMN = 'k'.repeat(200);

describe('transactions', () => {
  let store: Store;
  let chat: Chat;

  before(async () => {
    store = await Store.open();
  });

  beforeEach(async () => {
    chat = await store.chat();
    store.committed.length = 0;
  });

  after(() => store.close());

  /** Everything that a message touches: chat, record, feed, outbox. */
  async function say(tx: Tx, text: string, senderKey = `p:${text}`): Promise<number> {
    const locked = await tx.chats.lock(chat.id);
    if (!locked) throw new Error('no chat');
    const { number } = tx.messages.append(locked, { sender: 'visitor', operatorId: null, text, senderKey });
    tx.outbox.toAccount(
      { id: chat.accountId, instanceId: 1 },
      { kind: 'xmpp.message', to: 'anna@x.org', id: text, body: text },
    );
    return number;
  }

  const shared = (text: string, then: (tx: Tx) => void | Promise<void> = () => undefined) =>
    store.transactions.shared({ chats: [chat.id] }, async (tx) => {
      const number = await say(tx, text);
      await then(tx);
      return number;
    });
  const outbox = async () =>
    (await store.select('SELECT entry FROM outbox WHERE lane = ? ORDER BY id', [`a:${chat.accountId}`])).map(
      (row) => (JSON.parse(row['entry'] as string) as { id: string }).id,
    );
  const counters = async () =>
    (await store.select('SELECT last_number, feed_number, text_bytes FROM chats WHERE id = ?', [chat.id]))[0];
  const feed = async () =>
    (await store.select('SELECT number FROM feed WHERE chat_id = ? ORDER BY number', [chat.id])).map(
      (row) => row['number'] as number,
    );

  async function checkWhole(texts: string[]): Promise<void> {
    expect(await store.texts(chat.id)).to.deep.equal(texts);
    expect(await outbox()).to.deep.equal(texts);
    expect(await feed()).to.deep.equal(texts.map((_, i) => i + 1));
    expect(await counters()).to.deep.equal({
      last_number: texts.length,
      feed_number: texts.length,
      text_bytes: Buffer.byteLength(texts.join('')),
    });
  }

  it('write state, record, feed and outbox together', async () => {
    expect(await store.transactions.alone((tx) => say(tx, 'one'))).to.equal(1);
    await checkWhole(['one']);
    expect([...(store.committed[0]?.touchedLanes ?? [])]).to.deep.equal([`a:${chat.accountId}`]);
    expect([...(store.committed[0]?.wokenVisitors ?? [])]).to.deep.equal([chat.visitorId]);
  });

  it('write nothing and wake nobody when the work throws', async () => {
    const failed = store.transactions.alone(async (tx) => {
      await say(tx, 'one');
      throw new FoyerError('conflict', 'no');
    });
    expect(await failed.catch((error: FoyerError) => error.code)).to.equal('conflict');
    await checkWhole([]);
    expect(store.committed).to.deep.equal([]);
  });

  it('serve many works by few commits, each with its own number', async () => {
    const numbers = await Promise.all(Array.from({ length: 60 }, (_, i) => shared(`t${i}`)));
    expect([...numbers].sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(store.committed.length).to.be.lessThan(30);
    const texts = await store.texts(chat.id);
    await checkWhole(texts);
    expect(texts).to.have.members(Array.from({ length: 60 }, (_, i) => `t${i}`));
  });

  it('take back only the work that throws, and leave the others whole', async () => {
    const refuse = () => {
      throw new FoyerError('chat_full', 'full');
    };
    const settled = await Promise.allSettled([
      shared('a'),
      shared('b', refuse),
      shared('c'),
      shared('d', refuse),
      shared('e'),
    ]);
    expect(settled.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await checkWhole(['a', 'c', 'e']);
  });

  it('take back what a throwing work has inserted for an id', async () => {
    const insert = async (tx: Tx) =>
      void (await tx.visitors.create({ instanceId: 1, deskId: null, externalId: `ext-${chat.id}` }));
    const settled = await Promise.allSettled([
      shared('a'),
      shared('b', async (tx) => {
        await insert(tx);
        throw new FoyerError('conflict', 'no');
      }),
      shared('c', insert),
    ]);
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    await checkWhole(['a', 'c']);
    expect(await store.select('SELECT id FROM visitors WHERE external_id = ?', [`ext-${chat.id}`])).to.have.length(1);
  });

  it('let a work that the database refuses fail alone', async () => {
    const poison = store.transactions.shared({ chats: [chat.id] }, (tx) => say(tx, 'poison', TOO_LONG_FOR_ITS_COLUMN));
    const settled = await Promise.allSettled([shared('a'), poison, shared('c')]);
    expect(settled.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
    await checkWhole(['a', 'c']);
  });

  it('keep a batch in its order, with an outcome for each', async () => {
    const outcomes = await store.transactions.batch({
      items: ['a', 'refused', 'c'],
      prepare: (tx) => tx.chats.lockMany([chat.id]),
      each: async (tx, text) => {
        const number = await say(tx, text);
        if (text === 'refused') throw new FoyerError('invalid_request', 'no');
        return String(number);
      },
      refused: (_tx, text, error) => `${text}: ${(error as FoyerError).code}`,
    });
    expect(outcomes).to.deep.equal(['1', 'refused: invalid_request', '2']);
    await checkWhole(['a', 'c']);
    expect(store.committed).to.have.length(1);
  });

  it('isolate the one item of a batch that the database refuses', async () => {
    const outcomes = await store.transactions.batch({
      items: ['a', 'poison', 'c', 'd'],
      prepare: (tx) => tx.chats.lockMany([chat.id]),
      each: async (tx, text) => String(await say(tx, text, text === 'poison' ? TOO_LONG_FOR_ITS_COLUMN : `p:${text}`)),
      refused: (tx, text) => {
        const event = { instanceId: 1, host: 'x.org', event: { text } };
        tx.receipts.keepRejected({ id: `rejected-${chat.id}`, ...event, code: 'internal', reason: 'poison' });
        return 'refused';
      },
    });
    expect(outcomes).to.deep.equal(['1', 'refused', '2', '3']);
    await checkWhole(['a', 'c', 'd']);
    expect(await store.select('SELECT code FROM rejected_events WHERE id = ?', [`rejected-${chat.id}`])).to.deep.equal([
      { code: 'internal' },
    ]);
  });

  it('begin again after a deadlock, with nothing doubled', async () => {
    const other = await store.chat();
    const cross = (first: Chat, second: Chat, name: string) =>
      store.transactions.alone(async (tx) => {
        for (const { id } of [first, second]) {
          const locked = await tx.chats.lock(id);
          if (locked)
            tx.messages.append(locked, { sender: 'visitor', operatorId: null, text: name, senderKey: `p:${name}` });
        }
      });
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => (i % 2 === 0 ? cross(chat, other, `m${i}`) : cross(other, chat, `m${i}`))),
    );
    const names = Array.from({ length: 12 }, (_, i) => `m${i}`);
    expect(await store.texts(chat.id))
      .to.have.members(names)
      .and.have.length(12);
    expect(await store.texts(other.id))
      .to.have.members(names)
      .and.have.length(12);
  });

  it('number the messages of two processes without gap or repetition', async () => {
    const second = store.newTransactions(store.newPool());
    const all = Array.from({ length: 40 }, (_, i) =>
      (i % 2 === 0 ? store.transactions : second).shared({ chats: [chat.id] }, (tx) => say(tx, `p${i}`)),
    );
    expect((await Promise.all(all)).sort((a, b) => a - b)).to.deep.equal(Array.from({ length: 40 }, (_, i) => i + 1));
    await checkWhole(await store.texts(chat.id));
  });

  it('say that nothing was stored when the database goes away in the middle', async () => {
    const admin = store.newPool();
    const failed = store.transactions.alone(async (tx) => {
      await say(tx, 'lost');
      const own = await rows(
        admin,
        'SELECT id FROM information_schema.processlist WHERE user = SUBSTRING_INDEX(CURRENT_USER(), "@", 1) AND id <> CONNECTION_ID()',
      );
      for (const row of own) await run(admin, 'KILL CONNECTION ?', [row['id']]).catch(() => undefined);
    });
    expect(await failed.catch((error: FoyerError) => error.code)).to.equal('database_unavailable');
    await until(
      () =>
        checkWhole([]).then(
          () => true,
          () => false,
        ),
      'other connections',
    );
    await store.transactions.alone((tx) => say(tx, 'found'));
    await checkWhole(['found']);
  });
});
