import type { DueEntry, OutboxEntry } from '../domain/outbox/entry.js';
import type { ClaimedLane, DueEntries, LaneStore, Settlement, Target } from '../domain/outbox/lane.js';
import { Coalescer } from '../shared/coalescer.js';
import { commitTogether, retrying } from './in-transaction.js';
import { rows, run, runTogether, type Pool, type ResultSetHeader, type Row, type Statement } from './pool.js';

/** Entries of one lane read at a time. */
const ENTRIES_AT_ONCE = 200;
/** Lanes that share one statement. */
const LANES_AT_ONCE = 200;

export function createLaneStore(pool: Pool): LaneStore {
  // One after the other: which lanes an update has claimed is told by their owner, which is the same for all claims of a process.
  const claiming = new Coalescer<{ target: Target; processId: number; limit: number }, ClaimedLane[]>(
    async (claims) => Promise.all(claims.map((one) => retrying(() => claim(pool, one)))),
    1,
  );
  const reading = new Coalescer<ClaimedLane, DueEntries>((lanes) => readEntries(pool, lanes), LANES_AT_ONCE);
  const settling = new Coalescer<Settlement, void>(async (settlements) => {
    await retrying(() => settle(pool, settlements));
    return settlements.map(() => undefined);
  }, LANES_AT_ONCE);
  return {
    claim: (target, processId, limit) => claiming.add({ target, processId, limit }),
    entries: (lane) => reading.add(lane),
    settle: (settlement) => settling.add(settlement),
    async giveBack(target, processId, serves) {
      await run(
        pool,
        `UPDATE lanes SET owner = NULL, due_at = IFNULL(due_at, NOW(3)) WHERE owner = ? AND target = ?
           AND name NOT IN (?)`,
        [processId, target, serves.length > 0 ? serves : ['']],
      );
    },
    async nextDue(target) {
      const [row] = await rows(
        pool,
        'SELECT TIMESTAMPDIFF(MICROSECOND, NOW(3), MIN(lanes.due_at)) AS micros FROM lanes WHERE lanes.target = ? AND lanes.owner IS NULL AND lanes.due_at IS NOT NULL',
        [target],
      );
      const micros = row?.['micros'] as number | null | undefined;
      return micros == null ? null : Math.max(0, Math.ceil(micros / 1000));
    },
    async hurry(target, instanceId) {
      const where = instanceId === null ? '' : ' AND instance_id = ?';
      await run(
        pool,
        `UPDATE lanes SET due_at = NOW(3) WHERE target = ? AND owner IS NULL AND attempts > 0 AND due_at > NOW(3)${where}`,
        [target, ...(instanceId === null ? [] : [instanceId])],
      );
    },
  };
}

/**
 * The lane's row is claimed, never a single entry: or the second entry would overtake a first that another process is sending. Of two processes that find the same
 * lane the one has it whose update comes first; the other one's no longer matches.
 */
async function claim(
  pool: Pool,
  { target, processId, limit }: { target: Target; processId: number; limit: number },
): Promise<ClaimedLane[]> {
  const free =
    'lanes.target = ? AND lanes.owner IS NULL AND lanes.due_at <= NOW(3) AND (lanes.home IS NULL OR lanes.home = ?)';
  const found = await rows(
    pool,
    `SELECT lanes.name, lanes.target, lanes.instance_id, lanes.account_id, lanes.attempts, lanes.pushed FROM lanes
      WHERE ${free} ORDER BY lanes.due_at LIMIT ?`,
    [target, processId, limit],
  );
  if (found.length === 0) return [];
  const names = found.map((row) => row['name'] as string).sort();
  const home = target === 'account' ? 'home = ?, ' : '';
  // The process's row stays locked until the claim is committed: whoever buries the process comes before it, and there is no claim, or after it and finds it.
  const [, , { affectedRows } = { affectedRows: 0 }] = (await commitTogether(pool, [
    { sql: 'SELECT processes.id FROM processes WHERE processes.id = ? LOCK IN SHARE MODE', values: [processId] },
    {
      sql: `UPDATE lanes SET ${home}owner = ? WHERE name IN (?) AND ${free}
               AND EXISTS (SELECT 1 FROM processes WHERE processes.id = ? AND processes.expires_at > NOW(3))`,
      values: [...(target === 'account' ? [processId] : []), processId, names, target, processId, processId],
    },
  ])) as ResultSetHeader[];
  const claimed = found.map((row) => toClaimed(row, processId));
  if (affectedRows === found.length) return claimed;
  const owned = await rows(pool, 'SELECT lanes.name FROM lanes WHERE lanes.name IN (?) AND lanes.owner = ?', [
    names,
    processId,
  ]);
  const mine = new Set(owned.map((row) => row['name'] as string));
  return claimed.filter(({ name }) => mine.has(name));
}

function toClaimed(row: Row, owner: number): ClaimedLane {
  return {
    name: row['name'],
    owner,
    target: row['target'],
    instanceId: row['instance_id'],
    accountId: row['account_id'],
    attempts: row['attempts'],
    pushed: Number(row['pushed']),
  };
}

async function readEntries(pool: Pool, lanes: ClaimedLane[]): Promise<DueEntries[]> {
  const one =
    '(SELECT outbox.id, outbox.lane, outbox.entry, outbox.instance_id, outbox.attempts, outbox.created_at FROM outbox WHERE outbox.lane = ? ORDER BY outbox.id LIMIT ?)';
  // The counts before the entries: one that is added in between is then found by the next look.
  const [counts = [], found = []] = (await runTogether(pool, [
    {
      sql: 'SELECT lanes.name, lanes.pushed FROM lanes WHERE lanes.name IN (?)',
      values: [lanes.map((lane) => lane.name)],
    },
    { sql: lanes.map(() => one).join(' UNION ALL '), values: lanes.flatMap((lane) => [lane.name, ENTRIES_AT_ONCE]) },
  ])) as Row[][];
  const pushed = new Map(counts.map((row) => [row['name'] as string, Number(row['pushed'])]));
  const byLane = new Map<string, DueEntry[]>(lanes.map((lane) => [lane.name, []]));
  for (const row of found) {
    byLane.get(row['lane'] as string)?.push({
      id: row['id'],
      entry: JSON.parse(row['entry'] as string) as OutboxEntry,
      instanceId: row['instance_id'],
      attempts: row['attempts'],
      createdAt: row['created_at'],
    });
  }
  return lanes.map((lane) => {
    const entries = (byLane.get(lane.name) ?? []).sort((a, b) => a.id - b.id);
    return { entries, pushed: pushed.get(lane.name) ?? lane.pushed, all: entries.length < ENTRIES_AT_ONCE };
  });
}

async function settle(pool: Pool, settlements: Settlement[]): Promise<void> {
  const dead = settlements.flatMap(({ lane, dead: list }) =>
    list.map(({ entry, reason }) => ({ lane, entry, reason })),
  );
  const done = [...settlements.flatMap((one) => one.done), ...dead.map(({ entry }) => entry.id)];
  // Lanes first, as the transactions that add to them do.
  const statements = [
    ...givenBack(settlements.filter(({ then }) => then.lane === 'free')),
    ...settlements.flatMap(waiting),
  ];
  if (dead.length > 0) {
    const letters = dead.map(({ lane, entry, reason }) => [
      ...[entry.id, lane.name, lane.target, entry.instanceId, lane.accountId, JSON.stringify(entry.entry)],
      ...[lane.attempts, reason.slice(0, 500), entry.createdAt, new Date()],
    ]);
    statements.push({
      sql: 'INSERT IGNORE INTO dead_letters (id, lane, target, instance_id, account_id, entry, attempts, reason, created_at, died_at) VALUES ?',
      values: [letters],
    });
  }
  if (done.length > 0) statements.push({ sql: 'DELETE FROM outbox WHERE id IN (?)', values: [done] });
  await commitTogether(pool, statements);
}

/**
 * A lane that got entries while it was served is due again at once. A lane that isn't this process's any more, because another one took it for dead, is left as
 * it is.
 */
function givenBack(settlements: Settlement[]): Statement[] {
  if (settlements.length === 0) return [];
  const lanes = settlements.map(({ lane }) => lane).sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    {
      sql: `UPDATE lanes SET owner = NULL, attempts = 0, last_error = NULL,
                   due_at = CASE name ${'WHEN ? THEN IF(pushed = ?, NULL, NOW(3)) '.repeat(lanes.length)}END WHERE name IN (?) AND owner IN (?)`,
      values: [
        ...lanes.flatMap((lane) => [lane.name, lane.pushed]),
        lanes.map((lane) => lane.name),
        [...new Set(lanes.map((lane) => lane.owner))],
      ],
    },
  ];
}

function waiting({ lane, then }: Settlement): Statement[] {
  if (then.lane !== 'wait') return [];
  return [
    {
      sql: 'UPDATE lanes SET owner = NULL, attempts = ?, last_error = ?, due_at = NOW(3) + INTERVAL ? MICROSECOND WHERE name = ? AND owner = ?',
      values: [then.attempts, then.reason.slice(0, 500), then.milliseconds * 1000, lane.name, lane.owner],
    },
  ];
}
