import { isInstanceName } from '../domain/accounts/jid-names.js';
import { NO_LIMITS, type Countable, type Instance, type InstanceLimits } from '../domain/instances/instance.js';
import type { InstanceStore } from '../domain/instances/store.js';
import { openSecrets } from './callback-targets.js';
import { DESK_COLUMNS, INSTANCE_COLUMNS, toDesk, toInstance } from './rows.js';
import { shownAddress } from '../shared/shown-address.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Of the column; percent-encoding makes an address longer than it was typed. */
const SHOWN_LENGTH = 1_000;

const LIMIT_COLUMNS: Record<keyof InstanceLimits, string> = {
  operators: 'max_operators',
  visitorsOnline: 'max_visitors_online',
  openChats: 'max_open_chats',
  chatsPerDay: 'max_chats_per_day',
  messagesPerMinute: 'max_messages_per_minute',
  requestsPerMinute: 'max_requests_per_minute',
};

/** What of an instance each limit counts. */
export const COUNTED: Record<Countable, string> = {
  operators: 'operators WHERE operators.instance_id = ? AND operators.disabled_at IS NULL',
  visitorsOnline: 'visitors WHERE visitors.instance_id = ? AND visitors.online = 1',
  openChats: "chats WHERE chats.instance_id = ? AND chats.state IN ('waiting', 'offered', 'active', 'invited')",
  chatsPerDay: 'chats WHERE chats.instance_id = ? AND chats.created_at > NOW(3) - INTERVAL 1 DAY',
};

export function instanceStore(work: UnitOfWork): InstanceStore {
  const byId = work.instances;
  return {
    async get(id) {
      const known = byId.get(id);
      if (known) return known;
      const [row] = await work.select(`SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.id = ?`, [id]);
      if (!row) throw new Error(`Instance ${id} is gone`);
      const instance = toInstance(row);
      byId.set(id, instance);
      return instance;
    },
    async byName(name) {
      if (!isInstanceName(name)) return undefined;
      const [row] = await work.select(`SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.name = ?`, [name]);
      return row && toInstance(row);
    },
    async onHost(host) {
      const found = await work.select(
        `SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.host = ? ORDER BY instances.id`,
        [host],
      );
      return found.map(toInstance);
    },
    async accountNamed(name) {
      const [row] = await work.select(
        `SELECT accounts.local FROM accounts WHERE accounts.kind = 'operator' AND accounts.state <> 'removed' AND accounts.local LIKE ? LIMIT 1`,
        [`%.${name}`],
      );
      return row?.['local'] as string | undefined;
    },
    async create({ name, displayName, host }) {
      const id = await work.insert('INSERT INTO instances (name, display_name, host, created_at) VALUES (?)', [
        [name, displayName, host, work.now],
      ]);
      const instance: Instance = {
        ...{ id, name, host, callbackUrl: null, state: 'active', language: 'en', limits: NO_LIMITS },
      };
      byId.set(id, instance);
      return instance;
    },
    async lockByName(name) {
      if (!isInstanceName(name)) return undefined;
      const [row] = await work.select(`SELECT ${INSTANCE_COLUMNS} FROM instances WHERE instances.name = ? FOR UPDATE`, [
        name,
      ]);
      return row && toInstance(row);
    },
    async configure(id, { displayName, language, retentionDays, limits = {} }) {
      byId.delete(id);
      const given = { display_name: displayName, language, retention_days: retentionDays };
      const most = Object.entries(limits).map(([what, value]) => [LIMIT_COLUMNS[what as keyof InstanceLimits], value]);
      for (const [column, value] of [...Object.entries(given), ...most] as [string, unknown][])
        if (value !== undefined) await work.write('UPDATE instances SET ?? = ? WHERE id = ?', [column, value, id]);
    },
    async setState(id, state, settled) {
      byId.delete(id);
      await work.write('UPDATE instances SET state = ?, state_since = NOW(3), settled = ? WHERE id = ?', [
        ...[state, settled ? 1 : 0, id],
      ]);
    },
    async count(id, what, most) {
      const [row] = await work.select(
        `SELECT COUNT(*) AS count FROM (SELECT 1 FROM ${COUNTED[what]} LIMIT ?) AS some`,
        [...[id, most]],
      );
      return Number(row?.['count']);
    },
    async desk(id) {
      const [row] = await work.select(`SELECT ${DESK_COLUMNS} FROM desks WHERE desks.id = ?`, [id]);
      return row && toDesk(row);
    },
    async deskByKey(instanceId, key) {
      const [row] = await work.select(
        `SELECT ${DESK_COLUMNS} FROM desks WHERE desks.instance_id = ? AND desks.desk_key = ?`,
        [instanceId, key],
      );
      return row && toDesk(row);
    },
    async lockCallback(id) {
      const [row] = await work.select(
        'SELECT instances.callback_secrets_box FROM instances WHERE instances.id = ? FOR UPDATE',
        [id],
      );
      if (!row) throw new Error(`Instance ${id} is gone`);
      return { secrets: openSecrets(work.deps.box, row['callback_secrets_box'] as Buffer | null) };
    },
    async identitySecrets(id, lock) {
      const [row] = await work.select(
        `SELECT instances.identity_secrets_box FROM instances WHERE instances.id = ? ${lock ? 'FOR UPDATE' : ''}`,
        [id],
      );
      return openSecrets(work.deps.box, (row?.['identity_secrets_box'] as Buffer | null | undefined) ?? null);
    },
    async setIdentitySecrets(id, secrets) {
      await work.write('UPDATE instances SET identity_secrets_box = ? WHERE id = ?', [
        ...[secrets.length === 0 ? null : work.deps.box.seal(JSON.stringify(secrets)), id],
      ]);
    },
    async setSiteSession(id, settings) {
      await work.write('UPDATE instances SET site_session_box = ? WHERE id = ?', [
        ...[settings && work.deps.box.seal(JSON.stringify(settings)), id],
      ]);
    },
    async setCallback(id, url, secrets) {
      byId.delete(id);
      const { box } = work.deps;
      await work.write(
        'UPDATE instances SET callback_url = ?, callback_url_box = ?, callback_secrets_box = ? WHERE id = ?',
        [
          url === null ? null : shownAddress(url).slice(0, SHOWN_LENGTH),
          url === null ? null : box.seal(url),
          secrets.length === 0 ? null : box.seal(JSON.stringify(secrets)),
          id,
        ],
      );
    },
  };
}
