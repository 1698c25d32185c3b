import { isInstanceName } from '../domain/accounts/jid-names.js';
import type { Instance } from '../domain/instances/instance.js';
import type { InstanceStore } from '../domain/ports.js';
import { openSecrets } from './callback-targets.js';
import { DESK_COLUMNS, INSTANCE_COLUMNS, toDesk, toInstance } from './rows.js';
import { rows, type Pool } from './pool.js';
import { shownAddress } from '../shared/shown-address.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Of the column; percent-encoding makes an address longer than it was typed. */
const SHOWN_LENGTH = 1_000;

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
    async create({ name, displayName, host }) {
      const id = await work.insert('INSERT INTO instances (name, display_name, host, created_at) VALUES (?)', [
        [name, displayName, host, work.now],
      ]);
      const instance = { id, name, host, callbackUrl: null };
      byId.set(id, instance);
      return instance;
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

/** An instance as an administrator sees it. */
export interface InstanceView extends Instance {
  displayName: string;
  createdAt: Date;
}

export async function listInstances(pool: Pool): Promise<InstanceView[]> {
  const found = await rows(
    pool,
    `SELECT ${INSTANCE_COLUMNS}, instances.display_name, instances.created_at FROM instances ORDER BY instances.id`,
  );
  return found.map((row) => ({ ...toInstance(row), displayName: row['display_name'], createdAt: row['created_at'] }));
}
