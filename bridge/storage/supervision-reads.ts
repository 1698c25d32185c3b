import type {
  DepartmentFigures,
  OpenChat,
  SupervisionReads,
  WatchedDesk,
  WatchedOperator,
  WatchedRoom,
} from '../domain/supervision/overview.js';
import type { Hours } from '../domain/hours/hours.js';
import { SHOW_ORDER } from '../domain/operators/operator.js';
import { isThere } from '../domain/queue/choose-operators.js';
import { DEPARTMENT_COLUMNS, toDepartment } from './department-rows.js';
import { readRows, readTogether, type Pool, type Row, type Statement } from './pool.js';

const THERE = SHOW_ORDER.filter(isThere);
/** By instance and state, whatever figures the database has of them: chats that are over cost nothing. */
const CHATS = 'chats FORCE INDEX (chats_state)';
const UNOWNED = ['waiting', 'offered'];
const OPEN = [...UNOWNED, 'active', 'invited'];
const ROOMS_IN_USE = ['directed', 'staff_waiting', 'chatting', 'closing', 'lost'];
const NONE: DepartmentFigures = {
  ...{ waiting: 0, offered: 0, active: 0, waitingSince: null },
  ...{ online: 0, available: 0, paused: 0 },
};

export function createSupervisionReads(pool: Pool): SupervisionReads {
  return {
    async overview(instanceId, bounds, of) {
      const statements = [
        ...[departments(instanceId, of), chatFigures(instanceId), operatorFigures(instanceId)],
        ...[openChats(instanceId, bounds.chats + 1, of), operators(instanceId, bounds.operators + 1, of)],
        ...[desks(instanceId, bounds.desks, of), rooms(instanceId, bounds.rooms + 1, of)],
        { sql: 'SELECT NOW(3) AS at', values: [] },
      ];
      const [found, chatRows, peopleRows, chats, people, deskRows, roomRows, now] = (await readTogether(
        pool,
        statements,
      )) as [...[Row[], Row[], Row[], Row[]], ...[Row[], Row[], Row[], Row[]]];
      const figures = figuresOf(chatRows, peopleRows);
      return {
        at: now[0]?.['at'] as Date,
        departments: found.map((row) => ({
          department: toDepartment(row),
          hours: row['hours'] === null ? null : (JSON.parse(row['hours'] as string) as Hours),
          figures: figures.get(row['id'] as number) ?? NONE,
        })),
        chats: chats.slice(0, bounds.chats).map(toOpenChat),
        moreChats: chats.length > bounds.chats,
        operators: people.slice(0, bounds.operators).map((row) => toWatched(row, chatRows, of)),
        moreOperators: people.length > bounds.operators,
        desks: deskRows.map(toWatchedDesk),
        rooms: roomRows.slice(0, bounds.rooms).map(toWatchedRoom),
        moreRooms: roomRows.length > bounds.rooms,
      };
    },
    async keysThatHold(ids) {
      if (ids.length === 0) return new Set();
      const found = await readRows(
        pool,
        `SELECT api_keys.id FROM api_keys JOIN instances ON instances.id = api_keys.instance_id AND instances.state = 'active'
          WHERE api_keys.id IN (?) AND api_keys.revoked_at IS NULL AND (api_keys.expires_at IS NULL OR api_keys.expires_at > NOW(3))`,
        [ids],
      );
      return new Set(found.map((row) => row['id'] as number));
    },
  };
}

/** Ids of departments; undefined: all. */
type Of = readonly number[] | undefined;

function departments(instanceId: number, of: Of): Statement {
  return {
    sql: `SELECT ${DEPARTMENT_COLUMNS}, department_hours.hours FROM departments
            LEFT JOIN department_hours ON department_hours.department_id = departments.id
           WHERE departments.instance_id = ? ${of ? 'AND departments.id IN (?)' : ''} ORDER BY departments.name, departments.id`,
    values: [instanceId, ...(of ? [of] : [])],
  };
}

/**
 * Each state by itself, or the database would look through all chats that there ever were. A chat before its visitor's first message has no place in the queue,
 * and counts nowhere.
 */
function chatFigures(instanceId: number): Statement {
  const inState = (state: string): string =>
    `SELECT chats.department_id, chats.operator_id, '${state}' AS state, COUNT(*) AS count, MIN(chats.waiting_since) AS since FROM ${CHATS}
      WHERE chats.instance_id = ? AND chats.state = '${state}' ${UNOWNED.includes(state) ? 'AND chats.queued_at IS NOT NULL' : ''}
      GROUP BY chats.department_id, chats.operator_id`;
  return { sql: OPEN.map(inState).join(' UNION ALL '), values: OPEN.map(() => instanceId) };
}

function operatorFigures(instanceId: number): Statement {
  return {
    sql: `SELECT operator_departments.department_id, COUNT(*) AS online,
                 SUM(operator_presence.show_state IN (?) AND operators.paused = 0 AND operators.off_duty = 0 AND operators.approved = 1) AS available,
                 SUM(operators.paused OR operators.off_duty) AS paused
            FROM operators
            JOIN operator_presence ON operator_presence.operator_id = operators.id AND operator_presence.show_state <> 'offline'
            JOIN operator_departments ON operator_departments.operator_id = operators.id AND operator_departments.access <> 'monitor'
           WHERE operators.instance_id = ? AND operators.disabled_at IS NULL GROUP BY operator_departments.department_id`,
    values: [THERE, instanceId],
  };
}

/** Chosen before anything is joined, so that only what is shown is looked up. */
function openChats(instanceId: number, limit: number, of: Of): Statement {
  const there = of ? 'AND chats.department_id IN (?)' : '';
  const inState = (state: string): string =>
    UNOWNED.includes(state)
      ? `(SELECT chats.id, 0 AS owned, COALESCE(chats.waiting_since, chats.created_at) AS since FROM ${CHATS}
           WHERE chats.instance_id = ? AND chats.state = '${state}' ${there} ORDER BY since, chats.id LIMIT ?)`
      : `(SELECT chats.id, 1 AS owned, chats.created_at AS since FROM ${CHATS}
           WHERE chats.instance_id = ? AND chats.state = '${state}' ${there} ORDER BY chats.id LIMIT ?)`;
  const asked = (what: string): string =>
    `(SELECT ${what} FROM offers WHERE offers.chat_id = chats.id AND offers.state = 'open')`;
  return {
    sql: `SELECT chats.id, chats.number, chats.state, chats.department_id, chats.operator_id, chats.created_at, chats.accepted_at, chats.last_number,
                 IF(shown.owned, NULL, chats.waiting_since) AS since, visitors.id AS visitor_id, visitors.external_id, visitors.nick,
                 ${asked('COUNT(*)')} AS asked, ${asked('MIN(offers.operator_id)')} AS asked_operator
            FROM (SELECT open.* FROM (${OPEN.map(inState).join(' UNION ALL ')}) open ORDER BY open.owned, open.since, open.id LIMIT ?) shown
            JOIN chats ON chats.id = shown.id JOIN visitors ON visitors.id = chats.visitor_id
           ORDER BY shown.owned, shown.since, shown.id`,
    values: [...OPEN.flatMap(() => [instanceId, ...(of ? [of] : []), limit]), limit],
  };
}

function operators(instanceId: number, limit: number, of: Of): Statement {
  const there = of
    ? `AND EXISTS (SELECT 1 FROM operator_departments WHERE operator_departments.operator_id = operators.id
                     AND operator_departments.department_id IN (?))`
    : '';
  return {
    sql: `SELECT operators.id, operators.name, operators.paused OR operators.off_duty AS paused, operators.approved, operators.max_chats,
                 COALESCE(operator_presence.show_state, 'offline') AS show_state,
                 (SELECT GROUP_CONCAT(operator_departments.department_id ORDER BY operator_departments.department_id) FROM operator_departments
                   WHERE operator_departments.operator_id = operators.id) AS departments
            FROM operators LEFT JOIN operator_presence ON operator_presence.operator_id = operators.id
           WHERE operators.instance_id = ? AND operators.disabled_at IS NULL ${there}
           ORDER BY COALESCE(operator_presence.show_state, 'offline') = 'offline', operators.name, operators.id LIMIT ?`,
    values: [instanceId, ...(of ? [of] : []), limit],
  };
}

function desks(instanceId: number, limit: number, of: Of): Statement {
  return {
    sql: `SELECT desks.id, desks.desk_key, desks.name, desks.department_id, desks.state FROM desks
           WHERE desks.instance_id = ? ${of ? 'AND desks.department_id IN (?)' : ''} ORDER BY desks.name, desks.id LIMIT ?`,
    values: [instanceId, ...(of ? [of] : []), limit],
  };
}

/** The department of a room is the one of its chat, which may have been transferred. */
function rooms(instanceId: number, limit: number, of: Of): Statement {
  const department = 'COALESCE(chats.department_id, rooms.department_id)';
  return {
    sql: `SELECT rooms.id, rooms.title, rooms.purpose, rooms.state, rooms.state_since, chats.number, ${department} AS department_id,
                 (SELECT JSON_ARRAYAGG(LEFT(room_occupants.nick, 100)) FROM room_occupants
                   WHERE room_occupants.room_id = rooms.id AND room_occupants.present = 1) AS occupants
            FROM rooms LEFT JOIN chats ON chats.id = rooms.chat_id
           WHERE rooms.instance_id = ? AND (rooms.state IN (?) OR rooms.state = 'available' AND rooms.purpose <> 'pool')
                 ${of ? `AND ${department} IN (?)` : ''}
           ORDER BY rooms.state_since, rooms.id LIMIT ?`,
    values: [instanceId, ROOMS_IN_USE, ...(of ? [of] : []), limit],
  };
}

function figuresOf(chatRows: readonly Row[], peopleRows: readonly Row[]): Map<number, DepartmentFigures> {
  const figures = new Map<number, DepartmentFigures>();
  const of = (row: Row): DepartmentFigures => {
    const id = row['department_id'] as number;
    const own = figures.get(id) ?? { ...NONE };
    figures.set(id, own);
    return own;
  };
  for (const row of chatRows) {
    const own = of(row);
    const state = row['state'] as 'waiting' | 'offered' | 'active' | 'invited';
    own[state === 'invited' ? 'active' : state] += Number(row['count']);
    const since = state === 'waiting' || state === 'offered' ? (row['since'] as Date | null) : null;
    if (since && (own.waitingSince === null || since < own.waitingSince)) own.waitingSince = since;
  }
  for (const row of peopleRows) {
    const { online, available, paused } = row;
    Object.assign(of(row), { online: Number(online), available: Number(available), paused: Number(paused) });
  }
  return figures;
}

function toOpenChat(row: Row): OpenChat {
  const asked = Number(row['asked']);
  return {
    ...{ id: row['id'], number: row['number'], state: row['state'], departmentId: row['department_id'] },
    visitor: { id: row['visitor_id'], externalId: row['external_id'], nick: row['nick'] },
    ...{ operatorId: row['operator_id'], asked, askedOperatorId: asked === 1 ? row['asked_operator'] : null },
    ...{ createdAt: row['created_at'], waitingSince: row['since'], acceptedAt: row['accepted_at'] },
    lastNumber: row['last_number'],
  };
}

function toWatchedDesk(row: Row): WatchedDesk {
  return {
    ...{ id: row['id'], key: row['desk_key'], name: row['name'], departmentId: row['department_id'] },
    state: row['state'],
  };
}

function toWatchedRoom(row: Row): WatchedRoom {
  const nicks = row['occupants'] as string | string[] | null;
  const occupants = typeof nicks === 'string' ? (JSON.parse(nicks) as string[]) : (nicks ?? []);
  return {
    ...{ id: row['id'], title: row['title'], purpose: row['purpose'], state: row['state'] },
    ...{ stateSince: row['state_since'], departmentId: row['department_id'], chatNumber: row['number'] },
    occupants: occupants.sort(),
  };
}

function toWatched(row: Row, chatRows: readonly Row[], of: Of): WatchedOperator {
  const own = chatRows.filter((one) => one['operator_id'] === row['id']);
  const ids = row['departments'] as string | null;
  return {
    ...{ id: row['id'], name: row['name'], show: row['show_state'] },
    ...{ paused: row['paused'] === 1, approved: row['approved'] === 1 },
    ...{ maxChats: row['max_chats'], openChats: own.reduce((sum, one) => sum + Number(one['count']), 0) },
    departmentIds: (ids === null ? [] : ids.split(',').map(Number)).filter((id) => of?.includes(id) !== false),
  };
}
