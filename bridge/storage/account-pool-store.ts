import type { AccountPoolStore } from '../domain/desk-ports.js';
import type { UnitOfWork } from './unit-of-work.js';

export function accountPoolStore(work: UnitOfWork): AccountPoolStore {
  return {
    async size(deskId) {
      const [row] = await work.select('SELECT COUNT(*) AS count FROM pool_accounts WHERE pool_accounts.desk_id = ?', [
        deskId,
      ]);
      return Number(row?.['count']);
    },
    add: (instanceId, deskId) =>
      work.insert('INSERT INTO pool_accounts (instance_id, desk_id) VALUES (?)', [[instanceId, deskId]]),
    setAccount: (id, accountId) => work.write('UPDATE pool_accounts SET account_id = ? WHERE id = ?', [accountId, id]),
    async dropFree(deskId, count) {
      const found = await work.select(
        `SELECT pool_accounts.id, pool_accounts.account_id FROM pool_accounts
          WHERE pool_accounts.desk_id = ? AND pool_accounts.visitor_id IS NULL ORDER BY pool_accounts.id DESC LIMIT ? FOR UPDATE SKIP LOCKED`,
        [deskId, count],
      );
      if (found.length > 0)
        await work.write('DELETE FROM pool_accounts WHERE id IN (?)', [found.map((row) => row['id'] as number)]);
      return found.map((row) => row['account_id'] as number);
    },
    async take(deskId, visitorId) {
      // The one that nobody has had for longest: whoever still writes to it has had time to see that it went.
      const [row] = await work.select(
        `SELECT pool_accounts.id, pool_accounts.account_id FROM pool_accounts
          WHERE pool_accounts.desk_id = ? AND pool_accounts.visitor_id IS NULL
          ORDER BY pool_accounts.taken_at, pool_accounts.id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [deskId],
      );
      if (!row) return undefined;
      await work.write('UPDATE pool_accounts SET visitor_id = ?, taken_at = NOW(3), free_at = NULL WHERE id = ?', [
        visitorId,
        row['id'],
      ]);
      return row['account_id'] as number;
    },
    keep(accountId) {
      work.later('UPDATE pool_accounts SET free_at = NULL WHERE account_id = ?', [accountId]);
    },
    endAfterDelay(accountId) {
      work.later(
        `UPDATE pool_accounts JOIN desks ON desks.id = pool_accounts.desk_id
            SET pool_accounts.free_at = NOW(3) + INTERVAL desks.session_delay_seconds SECOND WHERE pool_accounts.account_id = ?`,
        [accountId],
      );
    },
    async release(id, visitorId) {
      const [row] = await work.select(
        `SELECT pool_accounts.account_id, pool_accounts.desk_id FROM pool_accounts
          WHERE pool_accounts.id = ? AND pool_accounts.visitor_id = ? AND pool_accounts.free_at <= NOW(3) FOR UPDATE`,
        [id, visitorId],
      );
      if (!row) return undefined;
      await work.write('UPDATE pool_accounts SET visitor_id = NULL, free_at = NULL WHERE id = ?', [id]);
      return { accountId: row['account_id'] as number, deskId: row['desk_id'] as number };
    },
    async takenAt(accountId) {
      const [row] = await work.select(
        'SELECT pool_accounts.taken_at FROM pool_accounts WHERE pool_accounts.account_id = ?',
        [accountId],
      );
      return (row?.['taken_at'] as Date | null | undefined) ?? null;
    },
    async wanted(deskId) {
      const found = await work.select(
        "SELECT chats.id FROM chats WHERE chats.no_contact = 1 AND chats.desk_id = ? AND chats.state = 'waiting' LIMIT 1",
        [deskId],
      );
      return found.length > 0;
    },
  };
}
