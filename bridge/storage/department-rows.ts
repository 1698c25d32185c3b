import type { Department } from '../domain/queue/department.js';
import type { Row } from './pool.js';

export const DEPARTMENT_COLUMNS =
  'departments.id, departments.instance_id, departments.name, departments.strategy, departments.returning_first, departments.offer_seconds, ' +
  'departments.overflow_department_id, departments.overflow_seconds, departments.max_waiting, departments.max_per_operator, departments.when_empty, ' +
  'departments.required_skills, departments.preferred_skills, departments.match_language, departments.opening, departments.grace_seconds, ' +
  'departments.remind_visitor_seconds, departments.remind_operator_seconds, departments.remind_operator_times, departments.unanswered, ' +
  'departments.room_join, departments.room_invite, departments.room_kick, departments.room_topic, ' +
  'departments.absent_target, departments.tell_watched, departments.monitors_take_over';

export function toDepartment(row: Row): Department {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    name: row['name'],
    strategy: row['strategy'],
    returningFirst: row['returning_first'] === 1,
    offerSeconds: row['offer_seconds'],
    overflowDepartmentId: row['overflow_department_id'],
    overflowSeconds: row['overflow_seconds'],
    maxWaiting: row['max_waiting'],
    maxPerOperator: row['max_per_operator'],
    requiredSkills: JSON.parse(row['required_skills'] as string),
    preferredSkills: JSON.parse(row['preferred_skills'] as string),
    matchLanguage: row['match_language'],
    whenEmpty: row['when_empty'],
    opening: row['opening'],
    graceSeconds: row['grace_seconds'],
    remindVisitorSeconds: row['remind_visitor_seconds'],
    remindOperatorSeconds: row['remind_operator_seconds'],
    remindOperatorTimes: row['remind_operator_times'],
    unanswered: row['unanswered'],
    roomRights: {
      ...{ join: row['room_join'], invite: row['room_invite'], kick: row['room_kick'], topic: row['room_topic'] },
    },
    absentTarget: row['absent_target'],
    tellWatched: row['tell_watched'] === 1,
    monitorsTakeOver: row['monitors_take_over'] === 1,
  };
}
