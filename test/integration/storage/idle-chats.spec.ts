import { expect } from 'chai';
import type { Chat } from '../../../bridge/domain/chats/chat.js';
import { closeIdleChats } from '../../../bridge/domain/chats/close-idle.js';
import { moveChat } from '../../../bridge/domain/chats/chat.js';
import { expireAccounts } from '../../../bridge/domain/accounts/expire-accounts.js';
import type { Upkeep } from '../../../bridge/domain/upkeep.js';
import { run } from '../../../bridge/storage/pool.js';
import { createUpkeep } from '../../../bridge/storage/upkeep-store.js';
import { Store } from './store.js';

const HOURS = 24;

describe('chats that were left', () => {
  let store: Store;
  let upkeep: Upkeep;

  before(async () => {
    store = await Store.open();
    upkeep = createUpkeep(store.pool);
    await run(
      store.pool,
      "INSERT INTO operators (instance_id, account_id, name, created_at) VALUES (1, ?, 'Anna', NOW(3))",
      [
        (
          await store.transactions.alone((tx) =>
            tx.accounts.create({
              ...{
                instanceId: 1,
                kind: 'operator',
                local: 'anna',
                host: 'x.org',
                name: 'Anna',
                rosterGroup: 'operators',
              },
            }),
          )
        ).id,
      ],
    );
  });

  beforeEach(async () => {
    for (const table of ['outbox', 'lanes']) await run(store.pool, `DELETE FROM ${table}`);
  });

  after(() => store.close());

  /** An active chat of Anna's that began two days ago, with one message of that age. */
  async function left(hoursAgo = 48): Promise<Chat> {
    const chat = await store.chat();
    await store.transactions.alone(async (tx) => {
      const locked = (await tx.chats.lock(chat.id)) as Chat;
      moveChat(locked, 'active');
      locked.operatorId = 1;
      const visitor = await tx.visitors.lock(chat.visitorId);
      if (visitor) [visitor.accountId, visitor.openChatId] = [chat.accountId, chat.id];
      tx.messages.append(locked, { sender: 'visitor', operatorId: null, text: 'Hello?', senderKey: 'p:1' });
    });
    await age(chat, 'messages', 'chat_id', hoursAgo);
    await age(chat, 'chats', 'id', 48);
    return chat;
  }

  const age = (chat: Chat, table: string, key: string, hours: number) =>
    run(store.pool, `UPDATE ${table} SET created_at = NOW(3) - INTERVAL ? HOUR WHERE ${key} = ?`, [hours, chat.id]);
  const set = (chat: Chat, what: string) =>
    run(store.pool, `UPDATE chats JOIN visitors ON visitors.id = chats.visitor_id SET ${what} WHERE chats.id = ?`, [
      chat.id,
    ]);
  const close = () => closeIdleChats(upkeep, store.transactions, HOURS);
  const stateOf = async (chat: Chat) =>
    (await store.select('SELECT state, closed_by FROM chats WHERE id = ?', [chat.id]))[0];

  it('are closed by the system, and their owner is told', async () => {
    const chat = await left();
    expect(await close()).to.equal(1);
    expect(await stateOf(chat)).to.deep.equal({ state: 'closed', closed_by: 'system' });
    const [entry] = await store.select('SELECT entry FROM outbox');
    expect(entry?.['entry']).to.include('anna@x.org').and.include('The chat was closed.');
    const [visitor] = await store.select('SELECT open_chat_id FROM visitors WHERE id = ?', [chat.visitorId]);
    expect(visitor).to.deep.equal({ open_chat_id: null });
    expect(await close(), 'once').to.equal(0);
  });

  it('let their account expire as any other', async () => {
    const chat = await left();
    const expire = async () => {
      await run(store.pool, 'UPDATE accounts SET last_used_at = NOW(3) - INTERVAL 9 DAY');
      await expireAccounts(upkeep, store.transactions, 7);
      const [account] = await store.select('SELECT state FROM accounts WHERE id = ?', [chat.accountId]);
      return account?.['state'] as string;
    };
    expect(await expire(), 'while the chat is open').to.equal('wanted');
    await close();
    expect(await expire()).to.equal('removing');
  });

  it('are closed without an owner too: given back by an operator after the visitor had gone', async () => {
    const chat = await left();
    await set(chat, "chats.state = 'waiting', chats.operator_id = NULL");
    expect(await close()).to.equal(1);
    expect(await store.select('SELECT entry FROM outbox')).to.deep.equal([]);
  });

  it('stay open while the visitor is on the site', async () => {
    const chat = await left();
    await set(chat, 'visitors.online = 1');
    expect(await close()).to.equal(0);
    await set(chat, 'visitors.online = 0');
    expect(await close()).to.equal(1);
  });

  it('of a helpdesk are closed wherever the visitor is', async () => {
    const chat = await left();
    await set(chat, "visitors.online = 1, chats.initiator = 'helpdesk'");
    expect(await close()).to.equal(1);
  });

  it('stay open when somebody wrote since', async () => {
    const chat = await left(23);
    expect(await close()).to.equal(0);
    await age(chat, 'messages', 'chat_id', 25);
    const late: Upkeep = {
      ...upkeep,
      async idleChats(hours, limit) {
        const found = await upkeep.idleChats(hours, limit);
        await run(store.pool, 'UPDATE chats SET last_number = last_number + 1 WHERE id = ?', [chat.id]);
        return found;
      },
    };
    expect(await closeIdleChats(late, store.transactions, HOURS), 'at the last moment').to.equal(0);
  });
});
