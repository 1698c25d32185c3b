import { dispatchDepartment } from '../../bridge/domain/queue/dispatch.js';
import type { Department } from '../../bridge/domain/queue/department.js';
import { tellPositions } from '../../bridge/domain/queue/positions.js';
import { run, type Pool } from '../../bridge/storage/pool.js';
import { createUpkeep } from '../../bridge/storage/upkeep-store.js';
import { Store } from '../integration/storage/store.js';
import type { Bench } from './support/bench.js';
import { median } from './support/figures.js';

/** Chats that wait, in turn: how the costs grow is what matters. */
const WAITING = [100, 1_000, 10_000] as const;
const OPERATORS = 200;
/** Rows of one statement. */
const CHUNK = 1_000;
const WARM_UP = 5;

/** One dispatch has to cost the same however many wait, and to tell one visitor its place too. */
const GROWTH = { atMost: 3 };

interface Costs {
  /** Milliseconds: an operator is free, and given the first chat. */
  dispatch: number;
  /** Milliseconds: nobody is free. */
  idle: number;
  /** Milliseconds of one chat, when all that wait move up by one. */
  position: number;
  /** The least that the database must do for one chat that is given, by itself. */
  rawDispatch: number;
  /** The least for one place. */
  rawPosition: number;
}

/** What it costs to give a chat and to tell a place, with ever more chats that wait for operators who are all busy. */
export async function queue({ sizes, report }: Bench): Promise<void> {
  const all: Costs[] = [];
  for (const waiting of WAITING) {
    const costs = await costsOf(waiting, sizes.rounds * 4);
    all.push(costs);
    const where = `${waiting.toLocaleString('en')} wait, ${OPERATORS} operators`;
    const figure = { measure: 'queue', unit: 'ms' };
    report({ ...figure, what: `one dispatch, ${where}`, value: costs.dispatch, raw: costs.rawDispatch });
    report({ ...figure, what: `one look that gives nothing, ${where}`, value: costs.idle, raw: costs.rawDispatch });
    report({ ...figure, what: `one place told, ${where}`, value: costs.position, raw: costs.rawPosition });
  }
  const [few, many] = [all[0] as Costs, all.at(-1) as Costs];
  const growth = (what: string, value: number) => report({ measure: 'queue', what, value, unit: '×', target: GROWTH });
  growth('one dispatch: most over fewest', many.dispatch / few.dispatch);
  growth('one look: most over fewest', many.idle / few.idle);
  growth('one place told: most over fewest', many.position / few.position);
}

async function costsOf(waiting: number, rounds: number): Promise<Costs> {
  const store = await Store.open();
  try {
    await fill(store.pool, waiting + rounds + WARM_UP);
    const [department] = await createUpkeep(store.pool).busyDepartments();
    if (!department) throw new Error('Nothing waits');
    const costs: Record<keyof Costs, number[]> = {
      ...{ dispatch: [], idle: [], position: [], rawDispatch: [], rawPosition: [] },
    };
    for (let round = 0; round < rounds + WARM_UP; round += 1) {
      const note = (what: keyof Costs, ms: number) => void (round >= WARM_UP && costs[what].push(ms));
      note('idle', await timed(() => dispatch(store, department)));
      await run(
        store.pool,
        "UPDATE chats SET state = 'closed', closed_at = NOW(3) WHERE state = 'active' ORDER BY id LIMIT 1",
      );
      note('dispatch', await timed(() => dispatch(store, department)));
      const left = waiting + rounds + WARM_UP - round - 1;
      note('position', (await timed(() => tellAll(store, department))) / left);
      note('rawDispatch', await timed(() => rawDispatch(store.pool)));
      note('rawPosition', (await timed(() => rawPositions(store.pool))) / RAW_PLACES);
    }
    const [row] = await store.select("SELECT COUNT(*) AS n FROM chats WHERE state = 'active'");
    if (Number(row?.['n']) !== OPERATORS) throw new Error(`${row?.['n']} chats are held by ${OPERATORS} operators`);
    return {
      ...{ dispatch: median(costs.dispatch), idle: median(costs.idle), position: median(costs.position) },
      ...{ rawDispatch: median(costs.rawDispatch), rawPosition: median(costs.rawPosition) },
    };
  } finally {
    await store.close();
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const dispatch = (store: Store, department: Department) =>
  store.transactions.alone((tx) => dispatchDepartment(tx, department));

async function tellAll(store: Store, department: Department): Promise<void> {
  while (await store.transactions.alone((tx) => tellPositions(tx, department)));
}

/** Locks the first chat, changes it and writes an offer down. */
async function rawDispatch(pool: Pool): Promise<void> {
  const connection = await pool.getConnection();
  await connection.query('START TRANSACTION');
  const [found] = await connection.query(
    "SELECT id FROM chats WHERE department_id = 1 AND state = 'waiting' AND queued_at IS NOT NULL ORDER BY queued_at, id LIMIT 1 FOR UPDATE",
  );
  const [{ id } = { id: 0 }] = found as { id: number }[];
  await connection.query('UPDATE chats SET wait_seconds = IFNULL(wait_seconds, 0) + 1 WHERE id = ?', [id]);
  await connection.query(
    "INSERT INTO offers (instance_id, department_id, chat_id, operator_id, kind, state, offered_at) VALUES (1, 1, 1, 1, 'alone', 'revoked', NOW(3))",
  );
  await connection.query('COMMIT');
  connection.release();
}

const RAW_PLACES = 50;

/** One statement for each place, and one for each that is told, all in one transaction. */
async function rawPositions(pool: Pool): Promise<void> {
  const connection = await pool.getConnection();
  await connection.query('START TRANSACTION');
  const [found] = await connection.query(
    "SELECT id, position FROM chats WHERE state = 'waiting' ORDER BY id DESC LIMIT ?",
    [RAW_PLACES],
  );
  for (const { id, position } of found as { id: number; position: number }[]) {
    await connection.query('UPDATE chats SET position = ? WHERE id = ?', [position, id]);
    await connection.query(
      "INSERT INTO feed (chat_id, number, kind, data, created_at) VALUES (?, 0, 'position', '{}', NOW(3)) ON DUPLICATE KEY UPDATE data = '{}'",
      [id],
    );
  }
  await connection.query('COMMIT');
  connection.release();
}

/** Busy operators, each with one chat, and others that wait. */
async function fill(pool: Pool, waiting: number): Promise<void> {
  await run(pool, "UPDATE departments SET strategy = 'direct'");
  const operators = numbers(1, OPERATORS);
  await insert(
    pool,
    'accounts (id, instance_id, kind, local, host, name, roster_group, password_box, state, last_used_at, created_at)',
    [
      ...operators.map((i) => [
        i,
        1,
        'operator',
        `op${i}`,
        'x.org',
        `Op ${i}`,
        'operators',
        '',
        'ready',
        new Date(),
        new Date(),
      ]),
      ...numbers(1, OPERATORS + waiting).map((i) => [
        ...[
          1_000 + i,
          1,
          'visitor',
          `visitor.${i}`,
          'x.org',
          `V ${i}`,
          'visitors',
          '',
          'ready',
          new Date(),
          new Date(),
        ],
      ]),
    ],
  );
  await insert(
    pool,
    'operators (id, instance_id, account_id, name, max_chats, created_at)',
    operators.map((i) => [i, 1, i, `Op ${i}`, 1, new Date()]),
  );
  await insert(
    pool,
    'operator_departments (operator_id, department_id)',
    operators.map((i) => [i, 1]),
  );
  await insert(
    pool,
    'operator_presence (operator_id, show_state, status, priority, resources, reported_at, confirmed_at)',
    operators.map((i) => [i, 'available', '', 0, 1, new Date(), new Date()]),
  );
  const begun = Date.now() - 3_600_000;
  const chats = numbers(1, OPERATORS + waiting);
  await insert(
    pool,
    'visitors (id, instance_id, account_id, open_chat_id, last_chat_id, online, created_at)',
    chats.map((i) => [i, 1, 1_000 + i, i, i, 1, new Date()]),
  );
  await insert(
    pool,
    'chats (id, instance_id, number, visitor_id, account_id, department_id, state, initiator, operator_id, last_number, created_at, accepted_at, queued_at, waiting_since, position)',
    chats.map((i) => {
      const at = new Date(begun + i * 10);
      const owner = i <= OPERATORS ? i : null;
      const state = owner === null ? 'waiting' : 'active';
      return [
        i,
        1,
        i,
        i,
        1_000 + i,
        1,
        state,
        'visitor',
        owner,
        1,
        at,
        owner && at,
        at,
        at,
        owner === null ? i - OPERATORS : null,
      ];
    }),
  );
  await insert(
    pool,
    'messages (chat_id, number, instance_id, sender, text, sender_key, created_at)',
    chats.map((i) => [i, 1, 1, 'visitor', 'Is it in stock?', `p:${i}`, new Date()]),
  );
  await run(pool, 'ANALYZE TABLE chats, offers, operators, messages');
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

async function insert(pool: Pool, into: string, rows: unknown[][]): Promise<void> {
  for (let i = 0; i < rows.length; i += CHUNK)
    await run(pool, `INSERT INTO ${into} VALUES ?`, [rows.slice(i, i + CHUNK)]);
}
