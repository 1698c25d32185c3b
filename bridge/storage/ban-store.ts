import type { Ban, BanFilter, BanStore, BanView, Who } from '../domain/bans/ban.js';
import { readRows, type Pool, type Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

const COLUMNS =
  'bans.id, bans.instance_id, bans.desk_id, bans.visitor_id, bans.address, bans.network, bans.reason, bans.actor, bans.created_at, bans.expires_at';
const HOLDS = '(bans.expires_at IS NULL OR bans.expires_at > NOW(3))';

export function banStore(work: UnitOfWork): BanStore {
  const many = async (sql: string, values: unknown[]) => (await work.select(sql, values)).map(toBan);
  return {
    candidates: (who, digests) => many(...candidatesOf(who, digests)),
    ofVisitor: (instanceId, visitorId) =>
      many(`SELECT ${COLUMNS} FROM bans WHERE bans.instance_id = ? AND bans.visitor_id = ? AND ${HOLDS}`, [
        ...[instanceId, visitorId],
      ]),
    get: async (instanceId, id) =>
      (await many(`SELECT ${COLUMNS} FROM bans WHERE bans.instance_id = ? AND bans.id = ?`, [instanceId, id]))[0],
    async count(instanceId) {
      const [row] = await work.select(
        'SELECT COUNT(*) AS everything, COUNT(bans.network) AS networks FROM bans WHERE bans.instance_id = ? AND ' +
          HOLDS,
        [instanceId],
      );
      return { all: Number(row?.['everything']), networks: Number(row?.['networks']) };
    },
    async create({ instanceId, deskId, visitorId, address, network, reason, actor, seconds }) {
      const id = await work.insert(
        `INSERT INTO bans (instance_id, desk_id, visitor_id, address, network, reason, actor, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND)`,
        [instanceId, deskId, visitorId, address, network, reason, actor.slice(0, 190), seconds],
      );
      const [ban] = await many(`SELECT ${COLUMNS} FROM bans WHERE bans.id = ?`, [id]);
      return ban as Ban;
    },
    async delete(ids) {
      if (ids.length > 0) await work.write('DELETE FROM bans WHERE id IN (?)', [ids]);
    },
  };
}

/** Each part by an index of its own. */
function candidatesOf(
  { instanceId, deskId, visitorId }: Pick<Who, 'instanceId' | 'deskId' | 'visitorId'>,
  digests: readonly Buffer[],
): [string, unknown[]] {
  const here = `bans.instance_id = ? AND (bans.desk_id IS NULL OR bans.desk_id = ?) AND ${HOLDS}`;
  const parts: [condition: string, value: unknown][] = [
    ...(visitorId === null ? [] : [['bans.visitor_id = ?', visitorId] as [string, unknown]]),
    ...(digests.length === 0 ? [] : [['bans.address IN (?)', digests] as [string, unknown]]),
  ];
  const selects = parts.map(([condition]) => `SELECT ${COLUMNS} FROM bans WHERE ${here} AND ${condition}`);
  selects.push(`SELECT ${COLUMNS} FROM bans WHERE ${here} AND bans.network IS NOT NULL`);
  return [
    selects.join(' UNION '),
    [...parts.flatMap(([, value]) => [instanceId, deskId, value]), ...[instanceId, deskId]],
  ];
}

/** Those that hold, newest first. */
export async function readBans(
  pool: Pool,
  instanceId: number,
  { before, departmentIds, limit }: BanFilter,
): Promise<BanView[]> {
  const found = await readRows(
    pool,
    `SELECT ${COLUMNS}, visitors.nick FROM bans LEFT JOIN visitors ON visitors.id = bans.visitor_id
        LEFT JOIN desks ON desks.id = bans.desk_id
      WHERE bans.instance_id = ? AND ${HOLDS}${before === undefined ? '' : ' AND bans.id < ?'}${
        departmentIds === undefined ? '' : ' AND (bans.desk_id IS NULL OR desks.department_id IN (?))'
      } ORDER BY bans.id DESC LIMIT ?`,
    [instanceId, before, departmentIds, limit].filter((value) => value !== undefined),
  );
  return found.map((row) => ({ ...toBan(row), nick: row['nick'] as string | null }));
}

/** Those that keep somebody out of every desk. */
export async function readBansEverywhere(pool: Pool, instanceId: number): Promise<Ban[]> {
  return (
    await readRows(
      pool,
      `SELECT ${COLUMNS} FROM bans WHERE bans.instance_id = ? AND bans.desk_id IS NULL AND ${HOLDS}`,
      [instanceId],
    )
  ).map(toBan);
}

/** Whether this visitor is banned itself, at this desk or everywhere. */
export async function isVisitorBanned(pool: Pool, visitorId: number, deskId: number | null): Promise<boolean> {
  const found = await readRows(
    pool,
    `SELECT bans.id FROM bans WHERE bans.visitor_id = ? AND (bans.desk_id IS NULL OR bans.desk_id = ?) AND ${HOLDS} LIMIT 1`,
    [visitorId, deskId],
  );
  return found.length > 0;
}

function toBan(row: Row): Ban {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    deskId: row['desk_id'],
    visitorId: row['visitor_id'],
    address: row['address'],
    network: row['network'],
    reason: row['reason'],
    actor: row['actor'],
    createdAt: row['created_at'],
    expiresAt: row['expires_at'],
  };
}
