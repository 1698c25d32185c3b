import type { AccountPool } from '../domain/accounts/account-pool.js';
import type { Desk } from '../domain/instances/instance.js';
import type { DeskStore } from '../domain/ports.js';
import { DEPARTMENT_COLUMNS, toDepartment } from './department-rows.js';
import type { Row } from './pool.js';
import { DESK_COLUMNS, toDesk } from './rows.js';
import type { UnitOfWork } from './unit-of-work.js';

export function deskStore(work: UnitOfWork): DeskStore {
  return {
    async department(instanceId, id) {
      const [row] = await work.select(
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.id = ? AND departments.instance_id = ?`,
        [id, instanceId],
      );
      return row && toDepartment(row);
    },
    async departmentByName(instanceId, name) {
      const [row] = await work.select(
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.instance_id = ? AND departments.name = ?`,
        [instanceId, name],
      );
      return row && toDepartment(row);
    },
    async firstDepartment(instanceId) {
      const [row] = await work.select(
        `SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.instance_id = ? ORDER BY departments.id LIMIT 1`,
        [instanceId],
      );
      return row && toDepartment(row);
    },
    async createDepartment(instanceId, name) {
      const id = await work.insert('INSERT INTO departments (instance_id, name, created_at) VALUES (?)', [
        [instanceId, name, work.now],
      ]);
      const [row] = await work.select(`SELECT ${DEPARTMENT_COLUMNS} FROM departments WHERE departments.id = ?`, [id]);
      return toDepartment(row as Row);
    },
    async updateDepartment(department) {
      const { roomRights } = department;
      await work.write(
        `UPDATE departments SET name = ?, strategy = ?, returning_first = ?, offer_seconds = ?, overflow_department_id = ?, overflow_seconds = ?,
           max_waiting = ?, max_per_operator = ?, required_skills = ?, preferred_skills = ?, match_language = ?, when_empty = ?, opening = ?, grace_seconds = ?,
           remind_visitor_seconds = ?, remind_operator_seconds = ?, remind_operator_times = ?, unanswered = ?, absent_target = ?, tell_watched = ?,
           monitors_take_over = ?, room_join = ?, room_invite = ?, room_kick = ?, room_topic = ? WHERE id = ?`,
        [
          ...[department.name, department.strategy, department.returningFirst ? 1 : 0, department.offerSeconds],
          ...[department.overflowDepartmentId, department.overflowSeconds, department.maxWaiting],
          ...[department.maxPerOperator, JSON.stringify(department.requiredSkills)],
          ...[JSON.stringify(department.preferredSkills), department.matchLanguage],
          ...[department.whenEmpty, department.opening, department.graceSeconds],
          ...[department.remindVisitorSeconds, department.remindOperatorSeconds, department.remindOperatorTimes],
          ...[
            department.unanswered,
            department.absentTarget,
            department.tellWatched ? 1 : 0,
            department.monitorsTakeOver ? 1 : 0,
          ],
          ...[roomRights.join, roomRights.invite, roomRights.kick, roomRights.topic],
          department.id,
        ],
      );
    },
    async create(desk) {
      const { instanceId, key, name, state, departmentId, allowedOrigins, askRating, texts, pool, widget } = desk;
      const { preview, redirectTo, redirectHow, followUp, mailTo } = desk;
      const id = await work.insert(
        `INSERT INTO desks (instance_id, desk_key, name, state, department_id, allowed_origins, ask_rating, preview, who, member_groups, keep_guest_chat, redirect_to, redirect_how, follow_up, mail_to, texts,
           pool_size, pool_when_used_up, session_delay_seconds, widget, created_at) VALUES (?)`,
        [
          [
            ...[instanceId, key, name, state, departmentId, JSON.stringify(allowedOrigins), askRating],
            ...[
              preview,
              ...whoValues(desk),
              redirectTo,
              redirectHow,
              followUp,
              mailTo,
              JSON.stringify(texts),
              ...poolValues(pool),
            ],
            ...[JSON.stringify(widget), work.now],
          ],
        ],
      );
      return { id, ...desk };
    },
    async lock(instanceId, id) {
      const [row] = await work.select(
        `SELECT ${DESK_COLUMNS} FROM desks WHERE desks.id = ? AND desks.instance_id = ? FOR UPDATE`,
        [id, instanceId],
      );
      return row && toDesk(row);
    },
    async update(desk) {
      const { id, key, name, state, departmentId, allowedOrigins, askRating, preview, redirectTo, redirectHow } = desk;
      await work.write(
        `UPDATE desks SET desk_key = ?, name = ?, state = ?, department_id = ?, allowed_origins = ?, ask_rating = ?, preview = ?, who = ?, member_groups = ?, keep_guest_chat = ?, redirect_to = ?, redirect_how = ?,
           follow_up = ?, mail_to = ?, texts = ?, pool_size = ?, pool_when_used_up = ?, session_delay_seconds = ?, widget = ? WHERE id = ?`,
        [
          ...[key, name, state, departmentId, JSON.stringify(allowedOrigins), askRating],
          ...[preview, ...whoValues(desk), redirectTo, redirectHow],
          ...[desk.followUp, desk.mailTo, JSON.stringify(desk.texts), ...poolValues(desk.pool)],
          ...[JSON.stringify(desk.widget), id],
        ],
      );
    },
  };
}

function whoValues({ who, memberGroups, keepGuestChat }: Omit<Desk, 'id'>): (string | number)[] {
  return [who, JSON.stringify(memberGroups), keepGuestChat ? 1 : 0];
}

/** What stands there without a pool means nothing. */
function poolValues(pool: AccountPool | null): (string | number | null)[] {
  const { size, whenUsedUp, sessionDelaySeconds } = pool ?? { size: null, whenUsedUp: 'queue', sessionDelaySeconds: 0 };
  return [size, whenUsedUp, sessionDelaySeconds];
}
