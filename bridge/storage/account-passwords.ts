import type { AccountWithPassword } from '../domain/accounts/account.js';
import type { SecretBox } from '../shared/box.js';
import { Coalescer } from '../shared/coalescer.js';
import { rows, type Pool } from './pool.js';
import { ACCOUNT_COLUMNS, toAccount } from './rows.js';

export interface AccountPasswords {
  /** The account with what is needed to log in; undefined when it is gone. */
  get(id: number): Promise<AccountWithPassword | undefined>;
}

export function createAccountPasswords(pool: Pool, box: SecretBox): AccountPasswords {
  const reading = new Coalescer<number, AccountWithPassword | undefined>(async (ids) => {
    const found = await rows(
      pool,
      `SELECT ${ACCOUNT_COLUMNS}, accounts.password_box FROM accounts WHERE accounts.id IN (?)`,
      [ids],
    );
    const byId = new Map(
      found.map((row) => [
        row['id'] as number,
        { ...toAccount(row), password: box.open(row['password_box'] as Buffer) },
      ]),
    );
    return ids.map((id) => byId.get(id));
  }, 500);
  return { get: (id) => reading.add(id) };
}
