import { expect } from 'chai';
import { PLAIN_WIDGET } from '../../../bridge/domain/desks/widget-settings.js';
import type { AccountPool } from '../../../bridge/domain/accounts/account-pool.js';
import { returnAccounts } from '../../../bridge/domain/accounts/return-accounts.js';
import { ensureServiceAccount } from '../../../bridge/domain/accounts/service-account.js';
import { closeChat } from '../../../bridge/domain/chats/close-chat.js';
import { postOperatorMessage, type OperatorMessage } from '../../../bridge/domain/chats/post-operator-message.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import { startChat } from '../../../bridge/domain/chats/start-chat.js';
import { changeDesk, createDesk, lockDesk } from '../../../bridge/domain/instances/desks.js';
import type { Operator } from '../../../bridge/domain/operators/operator.js';
import { eraseVisitor } from '../../../bridge/domain/visitors/erase-visitor.js';
import { FoyerError } from '../../../bridge/shared/errors.js';
import { run, type Row } from '../../../bridge/storage/pool.js';
import { createUpkeep } from '../../../bridge/storage/upkeep-store.js';
import { newDispatcher } from '../queue/model.js';
import { Store } from '../storage/store.js';
import { addOperator, bodies, leaving, LIMITS, said, withChat } from './people.js';

const POOL: AccountPool = { size: 2, whenUsedUp: 'queue', sessionDelaySeconds: 60 };

describe('a desk whose visitors use accounts of a pool', () => {
  let store: Store;
  let anna: Operator;
  let deskId: number;
  let dispatcher: ReturnType<typeof newDispatcher>;

  beforeEach(async () => {
    store = await Store.open();
    await ensureServiceAccount(store.transactions, 'x.org', 'foyer');
    anna = await addOperator(store, 'anna');
    dispatcher = newDispatcher(store, store.transactions);
    ({ id: deskId } = await store.transactions.alone((tx) =>
      createDesk(tx, {
        ...{ instanceId: 1, key: 'main', name: 'Shop', state: 'active', departmentId: 1 },
        ...{ allowedOrigins: [], askRating: false, redirectTo: 'same_site', redirectHow: 'ask', pool: POOL, texts: {} },
        ...{
          preview: false,
          who: 'everybody' as const,
          memberGroups: [],
          keepGuestChat: true,
          followUp: null,
          mailTo: null,
          widget: PLAIN_WIDGET,
        },
      }),
    ));
  });
  afterEach(async () => {
    await dispatcher.stop();
    await store.close();
  });

  const setPool = (pool: AccountPool | null) =>
    store.transactions.alone(async (tx) => changeDesk(tx, await lockDesk(tx, 1, deskId), { pool }));

  /** A visitor begins a chat, or an earlier one another. */
  async function begin(visitorId?: number, transactions = store.transactions): Promise<Row> {
    const id = await transactions.alone(async (tx) => {
      const known = visitorId === undefined ? undefined : await tx.visitors.lock(visitorId);
      const visitor = known ?? (await tx.visitors.create({ instanceId: 1, deskId, externalId: null }));
      visitor.online = true;
      visitor.nick = `V${visitor.id}`;
      const [instance, desk] = [await tx.instances.get(1), await tx.instances.desk(deskId)];
      if (!desk) throw new Error('The desk is gone');
      const { chat } = await startChat(tx, { instance, desk, visitor, initiator: 'visitor', knownVisitor: true });
      await postVisitorMessage(tx, LIMITS, chat, `words of ${visitor.id}`, `p:${tx.newId()}`);
      return chat.id;
    });
    return chatRow(id);
  }

  const chatRow = async (id: number) => (await store.select('SELECT * FROM chats WHERE id = ?', [id]))[0] as Row;
  const close = (chat: Row) => withChat(store, chat['id'] as number, (tx, locked) => closeChat(tx, locked, 'visitor'));
  /** As if the delay had passed. */
  async function delayPasses(): Promise<{ freed: number; given: number }> {
    await run(store.pool, 'UPDATE pool_accounts SET free_at = NOW(3) - INTERVAL 1 SECOND WHERE free_at IS NOT NULL');
    return returnAccounts(createUpkeep(store.pool), store.transactions);
  }
  async function annaWrites(accountId: number, message: OperatorMessage): Promise<string> {
    await store.transactions.alone(async (tx) => {
      const account = await tx.accounts.get(accountId);
      if (account) await postOperatorMessage(tx, LIMITS, account, anna, message);
    });
    return (await bodies(store)).at(-1) ?? '';
  }

  it('gives each account to one visitor, by two bridges at once; the others wait in their order, and are offered when one is free', async () => {
    const other = store.newTransactions(store.newPool());
    const chats = await Promise.all([0, 1, 2, 3, 4].map((i) => begin(undefined, i % 2 ? other : store.transactions)));
    chats.sort((a, b) => a['id'] - b['id']);
    const having = chats.filter((row) => row['no_contact'] === 0);
    expect(having).to.have.length(2);
    expect(new Set(having.map((row) => row['account_id']))).to.have.property('size', 2);
    await dispatcher.poll();
    const states = await store.select(
      'SELECT state, no_contact, COUNT(*) AS count FROM chats GROUP BY 1, 2 ORDER BY 1',
    );
    expect(states.map((row) => [row['state'], row['no_contact'], Number(row['count'])])).to.deep.equal([
      ['waiting', 1, 3],
      ['offered', 0, 2],
    ]);

    const [first] = having as [Row];
    await close(first);
    expect(await returnAccounts(createUpkeep(store.pool), store.transactions)).to.deep.equal({ freed: 0, given: 0 });
    const next = chats.find((row) => row['no_contact'] === 1) as Row;
    expect(await delayPasses()).to.deep.equal({ freed: 1, given: 1 });
    await dispatcher.poll();
    expect(await chatRow(next['id'])).to.include({ account_id: first['account_id'], no_contact: 0, state: 'offered' });
    const shown = (await leaving(store)).filter((entry) => entry.kind === 'xmpp.message' && entry.track);
    expect(shown.at(-1)).to.include({ body: `words of ${next['visitor_id']}`, to: 'anna@x.org' });
    const names = (await leaving(store)).filter(({ kind }) => kind === 'account.rename').slice(-2);
    expect(names.map((entry) => 'name' in entry && entry.name)).to.deep.equal(['–', `V${next['visitor_id']}`]);
    const leases = await store.select('SELECT visitor_id FROM pool_accounts');
    expect(new Set(leases.map((row) => row['visitor_id'])).size).to.equal(2);
  });

  it('never gives the next visitor what was written for the one before', async () => {
    await setPool({ ...POOL, size: 1 });
    const first = await begin();
    const accountId = first['account_id'] as number;
    await annaWrites(accountId, said('Hello'));
    const before = new Date();
    await close(first);
    await delayPasses();
    expect(await annaWrites(accountId, said('nobody there'))).to.contain('no longer there');
    const second = await begin();
    expect(second['account_id']).to.equal(accountId);
    expect(await bodies(store)).to.include(
      `[Foyer] This contact stands for V${second['visitor_id']} from now on. Who was here before has gone.`,
    );
    expect(await annaWrites(accountId, said('late', { writtenAt: before }))).to.contain('for the visitor before');
    expect(await annaWrites(accountId, said('Hullo', { replaces: 'x' }))).to.contain('correction was not sent');
    expect(await store.texts(second['id'])).to.deep.equal([`words of ${second['visitor_id']}`]);
    await annaWrites(accountId, said('for you'));
    expect(await store.texts(second['id'])).to.include('for you');
    expect(await store.texts(first['id'])).to.deep.equal([`words of ${first['visitor_id']}`, 'Hello']);
  });

  it('leaves a visitor who begins again the account that it had', async () => {
    await setPool({ ...POOL, size: 1 });
    const first = await begin();
    await close(first);
    const again = await begin(first['visitor_id'] as number);
    expect(again['account_id']).to.equal(first['account_id']);
    expect(await delayPasses()).to.deep.equal({ freed: 0, given: 0 });
    expect(await begin()).to.include({ no_contact: 1, state: 'waiting', position: 1 });
  });

  it('refuses who finds none free, where it is so set', async () => {
    await setPool({ ...POOL, size: 1, whenUsedUp: 'refuse' });
    await begin();
    const refusal = await begin().then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).to.be.instanceOf(FoyerError).and.deep.include({ code: 'desk_closed' });
    expect((refusal as FoyerError).details).to.deep.equal({ reason: 'no_account_free' });
    expect(await store.select('SELECT id FROM chats')).to.have.length(1);
  });

  it('grows at once, and shrinks as accounts get free', async () => {
    const states = async () =>
      (await store.select('SELECT accounts.state FROM accounts WHERE accounts.pooled = 1 ORDER BY accounts.id')).map(
        (row) => row['state'] as string,
      );
    const chats = [await begin(), await begin()];
    await setPool({ ...POOL, size: 3 });
    expect(await states()).to.deep.equal(['wanted', 'wanted', 'wanted']);
    await setPool(null);
    expect(await states()).to.deep.equal(['wanted', 'wanted', 'removing']);
    for (const chat of chats) await close(chat);
    await delayPasses();
    expect(await states()).to.deep.equal(['removing', 'removing', 'removing']);
    expect(await store.select('SELECT id FROM pool_accounts')).to.deep.equal([]);
    expect(await begin(chats[0]?.['visitor_id'] as number)).to.include({ no_contact: 0 });
  });

  it('forgets a visitor without taking the account from whoever has it now', async () => {
    await setPool({ ...POOL, size: 1 });
    const first = await begin();
    await annaWrites(first['account_id'] as number, said('Hello'));
    await close(first);
    await delayPasses();
    const second = await begin();
    await begin();
    await store.transactions.alone((tx) => eraseVisitor(tx, 1, first['visitor_id'] as number, 'test'));
    const third = await store.select('SELECT visitor_id FROM chats WHERE no_contact = 1');
    await store.transactions.alone((tx) => eraseVisitor(tx, 1, third[0]?.['visitor_id'] as number, 'test'));
    const accounts = await store.select("SELECT state, online FROM accounts WHERE kind <> 'operator' ORDER BY id");
    expect(accounts).to.deep.equal([
      { state: 'wanted', online: 1 },
      ...['removing', 'wanted'].map((state) => ({ state, online: state === 'wanted' ? 1 : 0 })).reverse(),
    ]);
    expect((await leaving(store)).map(({ kind }) => kind)).to.include('archive.forget');
    expect(await bodies(store)).to.include(`words of ${second['visitor_id']}`);
    expect(await bodies(store)).not.to.include(`words of ${first['visitor_id']}`);
  });
});
