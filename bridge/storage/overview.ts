import { rows, type Pool } from './pool.js';

/** Figures of the whole database, for /metrics. One query each, all on indexes. */
export interface Overview {
  outbox: {
    target: string;
    depth: number;
    oldestSeconds: number;
    /** Lanes with something in them; of these, whose first entry failed; and those that are due but that nobody serves. */
    lanes: number;
    failing: number;
    stalled: number;
  }[];
  deadLetters: { target: string; count: number }[];
  /** Events of mod_foyer that could not be used. */
  rejectedEvents: number;
  chats: { state: string; count: number }[];
  /** Accounts that operators should see online. */
  sessionsWanted: number;
  visitorsOnline: number;
  operatorsOnline: number;
}

/** A lane is served within seconds after it is due, unless nobody serves any. */
const STALLED_SECONDS = 30;

export async function readOverview(pool: Pool): Promise<Overview> {
  const [outbox, dead, [rejected], chats, [wanted], [visitors], [operators]] = await Promise.all([
    rows(
      pool,
      `SELECT lanes.target, COUNT(*) AS depth, TIMESTAMPDIFF(SECOND, MIN(outbox.created_at), NOW(3)) AS oldest,
              COUNT(DISTINCT lanes.name) AS lanes, COUNT(DISTINCT IF(lanes.attempts > 0, lanes.name, NULL)) AS failing,
              COUNT(DISTINCT IF(lanes.owner IS NULL AND lanes.due_at < NOW(3) - INTERVAL ? SECOND, lanes.name, NULL)) AS stalled
         FROM outbox JOIN lanes ON lanes.name = outbox.lane GROUP BY lanes.target`,
      [STALLED_SECONDS],
    ),
    rows(pool, 'SELECT dead_letters.target, COUNT(*) AS count FROM dead_letters GROUP BY dead_letters.target'),
    rows(pool, 'SELECT COUNT(*) AS count FROM rejected_events'),
    rows(
      pool,
      "SELECT chats.state, COUNT(*) AS count FROM chats WHERE chats.state IN ('waiting', 'offered', 'active', 'invited') GROUP BY chats.state",
    ),
    rows(pool, 'SELECT COUNT(*) AS count FROM accounts WHERE accounts.online = 1'),
    rows(pool, 'SELECT COUNT(*) AS count FROM visitors WHERE visitors.online = 1'),
    rows(pool, "SELECT COUNT(*) AS count FROM operator_presence WHERE operator_presence.show_state <> 'offline'"),
  ]);
  return {
    outbox: outbox.map((row) => ({
      target: row['target'],
      depth: Number(row['depth']),
      oldestSeconds: Math.max(0, Number(row['oldest'])),
      lanes: Number(row['lanes']),
      failing: Number(row['failing']),
      stalled: Number(row['stalled']),
    })),
    deadLetters: dead.map((row) => ({ target: row['target'], count: Number(row['count']) })),
    rejectedEvents: Number(rejected?.['count']),
    chats: chats.map((row) => ({ state: row['state'], count: Number(row['count']) })),
    sessionsWanted: Number(wanted?.['count']),
    visitorsOnline: Number(visitors?.['count']),
    operatorsOnline: Number(operators?.['count']),
  };
}
