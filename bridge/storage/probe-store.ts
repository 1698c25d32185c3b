import { rows, run, type Pool } from './pool.js';

/** The accounts of one test of `foyer doctor`, and whatever was written about them. */
export interface ProbeStore {
  /** Accounts of this instance that were made more than so many seconds ago. */
  leftovers(instanceId: number, seconds: number): Promise<number[]>;
  accountStates(ids: readonly number[]): Promise<string[]>;
  operatorShow(operatorId: number): Promise<string>;
  /** Why the account's lane waits, if it does. */
  laneError(accountId: number): Promise<string | null>;
  /** Removes every row about these accounts, their visitors, operators and chats. They must be gone from ejabberd. */
  forget(instanceId: number, accountIds: readonly number[]): Promise<void>;
}

export function createProbeStore(pool: Pool): ProbeStore {
  const ids = async (sql: string, values: unknown[]): Promise<number[]> =>
    (await rows(pool, sql, values)).map((row) => row['id'] as number);
  return {
    leftovers: (instanceId, seconds) =>
      ids(
        'SELECT accounts.id FROM accounts WHERE accounts.instance_id = ? AND accounts.created_at < NOW(3) - INTERVAL ? SECOND',
        [instanceId, seconds],
      ),
    async accountStates(accountIds) {
      const found = await rows(pool, 'SELECT accounts.state FROM accounts WHERE accounts.id IN (?)', [accountIds]);
      return found.map((row) => row['state'] as string);
    },
    async operatorShow(operatorId) {
      const [row] = await rows(
        pool,
        'SELECT operator_presence.show_state FROM operator_presence WHERE operator_presence.operator_id = ?',
        [operatorId],
      );
      return (row?.['show_state'] as string | undefined) ?? 'offline';
    },
    async laneError(accountId) {
      const [row] = await rows(pool, 'SELECT lanes.last_error FROM lanes WHERE lanes.account_id = ?', [accountId]);
      return (row?.['last_error'] as string | null | undefined) ?? null;
    },
    async forget(instanceId, accountIds) {
      if (accountIds.length === 0) return;
      const chats = [
        0,
        ...(await ids('SELECT chats.id FROM chats WHERE chats.instance_id = ? AND chats.account_id IN (?)', [
          instanceId,
          accountIds,
        ])),
      ];
      const operators = [
        0,
        ...(await ids(
          'SELECT operators.id FROM operators WHERE operators.instance_id = ? AND operators.account_id IN (?)',
          [instanceId, accountIds],
        )),
      ];
      for (const table of ['feed', 'messages', 'message_versions', 'chat_participants'])
        await run(pool, `DELETE FROM ${table} WHERE chat_id IN (?)`, [chats]);
      for (const table of ['operator_presence', 'operator_departments'])
        await run(pool, `DELETE FROM ${table} WHERE operator_id IN (?)`, [operators]);
      await run(pool, 'DELETE FROM operators WHERE id IN (?)', [operators]);
      await run(pool, 'DELETE FROM visitors WHERE instance_id = ? AND account_id IN (?)', [instanceId, accountIds]);
      await run(pool, 'DELETE FROM chats WHERE id IN (?)', [chats]);
      const lanes = (await rows(pool, 'SELECT lanes.name FROM lanes WHERE lanes.account_id IN (?)', [accountIds])).map(
        (row) => row['name'] as string,
      );
      await run(pool, 'DELETE FROM outbox WHERE lane IN (?)', [['', ...lanes]]);
      await run(pool, 'DELETE FROM dead_letters WHERE account_id IN (?)', [accountIds]);
      await run(pool, 'DELETE FROM lanes WHERE name IN (?)', [['', ...lanes]]);
      await run(pool, 'DELETE FROM accounts WHERE instance_id = ? AND id IN (?)', [instanceId, accountIds]);
    },
  };
}
