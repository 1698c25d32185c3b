import type { AccountStore } from '../domain/ports.js';
import type { Account, AccountState } from '../domain/accounts/account.js';
import { ACCOUNT_COLUMNS, toAccount } from './rows.js';
import type { Statement } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Random bytes of a made-up password. */
const PASSWORD_BYTES = 16;

export function accountStore(work: UnitOfWork): AccountStore {
  const byId = new Map<number, Account>();
  const byJid = new Map<string, Account>();
  /** By host. */
  const services = new Map<string, Account>();
  const remember = (account: Account): Account => {
    byId.set(account.id, account);
    byJid.set(`${account.local}@${account.host}`, account);
    return account;
  };
  return {
    async create({ instanceId, kind, local, host, name, rosterGroup, pooled = false, password }) {
      const box = work.deps.box.seal(password ?? work.deps.ids.secret(PASSWORD_BYTES));
      const id = await work.insert(
        'INSERT INTO accounts (instance_id, kind, local, host, name, roster_group, pooled, password_box, last_used_at, created_at) VALUES (?)',
        [[instanceId, kind, local, host, name, rosterGroup, pooled ? 1 : 0, box, work.now, work.now]],
      );
      return { id, instanceId, kind, local, host, name, rosterGroup, pooled, state: 'wanted' };
    },
    async get(id) {
      const known = byId.get(id);
      if (known) return known;
      const [row] = await work.select(`SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE accounts.id = ?`, [id]);
      return row && remember(toAccount(row));
    },
    async byJid(host, local) {
      const known = byJid.get(`${local}@${host}`);
      if (known || !isHost(host)) return known;
      const [row] = await work.select(
        `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE accounts.host = ? AND accounts.local = ?`,
        [host, local],
      );
      return row && remember(toAccount(row));
    },
    async service(host) {
      const known = services.get(host);
      if (known) return known;
      const [row] = await work.select(
        `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE accounts.host = ? AND accounts.kind = 'service' LIMIT 1`,
        [host],
      );
      if (row) services.set(host, remember(toAccount(row)));
      return services.get(host);
    },
    async readByJids(jids) {
      const pairs = jids.filter(({ host }) => isHost(host)).map(({ host, local }) => [host, local]);
      if (pairs.length === 0) return;
      const found = await work.select(
        `SELECT ${ACCOUNT_COLUMNS} FROM accounts WHERE (accounts.host, accounts.local) IN (?)`,
        [pairs],
      );
      for (const row of found) remember(toAccount(row));
    },
    setState(id, state) {
      work.pending.accountStates.push({ id, state });
    },
    touch(id) {
      work.later('UPDATE accounts SET last_used_at = ? WHERE id = ?', [work.now, id]);
    },
    setName(id, name) {
      work.later('UPDATE accounts SET name = ? WHERE id = ?', [name, id]);
    },
    setPassword(id, password) {
      work.later('UPDATE accounts SET password_box = ? WHERE id = ?', [work.deps.box.seal(password), id]);
    },
    setPresence(id, { online, nick, status }) {
      work.later(
        'UPDATE accounts SET online = ?, presence_nick = ?, presence_status = ?, last_used_at = ? WHERE id = ?',
        [online ? 1 : 0, nick, status, work.now, id],
      );
    },
  };
}

/** The database refuses to compare an ASCII column with anything else. */
function isHost(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/** The last that was said of each account; one statement for all of the same state. */
export function accountStateUpdates(work: UnitOfWork): Statement[] {
  const byState = new Map<AccountState, number[]>();
  for (const [id, state] of new Map(work.pending.accountStates.map(({ id, state }) => [id, state]))) {
    byState.set(state, [...(byState.get(state) ?? []), id]);
  }
  return [...byState].map(([state, ids]) => ({
    sql: 'UPDATE accounts SET state = ? WHERE id IN (?)',
    values: [state, ids.sort((a, b) => a - b)],
  }));
}
