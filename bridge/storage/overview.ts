import { rows, type Pool } from './pool.js';

/** Figures of the whole database, for /metrics. One query each, all on indexes. */
export interface Overview {
  outbox: { target: string; depth: number; oldestSeconds: number }[];
  deadLetters: { target: string; count: number }[];
  /** Events of mod_foyer that could not be used. */
  rejectedEvents: number;
  chats: { state: string; count: number }[];
  visitorsOnline: number;
  operatorsOnline: number;
}

export async function readOverview(pool: Pool): Promise<Overview> {
  const [outbox, dead, [rejected], chats, [visitors], [operators]] = await Promise.all([
    rows(
      pool,
      `SELECT lanes.target, COUNT(*) AS depth, TIMESTAMPDIFF(SECOND, MIN(outbox.created_at), NOW(3)) AS oldest
         FROM outbox JOIN lanes ON lanes.name = outbox.lane GROUP BY lanes.target`,
    ),
    rows(pool, 'SELECT dead_letters.target, COUNT(*) AS count FROM dead_letters GROUP BY dead_letters.target'),
    rows(pool, 'SELECT COUNT(*) AS count FROM rejected_events'),
    rows(
      pool,
      "SELECT chats.state, COUNT(*) AS count FROM chats WHERE chats.state IN ('waiting', 'offered', 'active', 'invited') GROUP BY chats.state",
    ),
    rows(pool, 'SELECT COUNT(*) AS count FROM visitors WHERE visitors.online = 1'),
    rows(pool, "SELECT COUNT(*) AS count FROM operator_presence WHERE operator_presence.show_state <> 'offline'"),
  ]);
  return {
    outbox: outbox.map((row) => ({
      target: row['target'],
      depth: Number(row['depth']),
      oldestSeconds: Math.max(0, Number(row['oldest'])),
    })),
    deadLetters: dead.map((row) => ({ target: row['target'], count: Number(row['count']) })),
    rejectedEvents: Number(rejected?.['count']),
    chats: chats.map((row) => ({ state: row['state'], count: Number(row['count']) })),
    visitorsOnline: Number(visitors?.['count']),
    operatorsOnline: Number(operators?.['count']),
  };
}
