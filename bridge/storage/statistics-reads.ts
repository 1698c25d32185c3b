import type { StatisticsFilter, StatisticsLine, StatisticsReads } from '../domain/statistics.js';
import { readRows, type Pool, type Row } from './pool.js';

/** The beginning of the hour or day, by the clock of the session, which is UTC. */
const BEGINNING = {
  hour: "DATE_FORMAT(chats.created_at, '%Y-%m-%d %H:00:00')",
  day: "DATE_FORMAT(chats.created_at, '%Y-%m-%d 00:00:00')",
} as const;
/** Of an operator are counted the chats that it owned at the end. */
const SUBJECT = {
  department: { id: 'chats.department_id', table: 'departments' },
  operator: { id: 'chats.operator_id', table: 'operators' },
} as const;

export function createStatisticsReads(pool: Pool): StatisticsReads {
  return {
    async statistics(instanceId, { from, to, by, per, departmentIds, limit }: StatisticsFilter) {
      const { id, table } = SUBJECT[by];
      const found = await readRows(
        pool,
        `SELECT ${BEGINNING[per]} AS at, ${table}.id AS id, MAX(${table}.name) AS name, COUNT(*) AS chats,
                COUNT(chats.accepted_at) AS answered, SUM(chats.state = 'abandoned') AS abandoned, SUM(chats.state = 'missed') AS missed,
                ${average('chats.created_at', 'chats.accepted_at')} AS average_wait,
                MAX(${seconds('chats.created_at', 'chats.accepted_at')}) AS longest_wait,
                ${average('chats.created_at', FIRST_ANSWER)} AS average_first_answer,
                ${average('chats.accepted_at', 'chats.closed_at')} AS average_handling,
                COUNT(chat_ratings.score) AS ratings, AVG(chat_ratings.score) AS average_score
           FROM chats JOIN ${table} ON ${table}.id = ${id} LEFT JOIN chat_ratings ON chat_ratings.chat_id = chats.id
          WHERE chats.instance_id = ? AND chats.created_at >= ? AND chats.created_at < ? ${departmentIds ? 'AND chats.department_id IN (?)' : ''}
          GROUP BY at, ${table}.id ORDER BY at, ${table}.id LIMIT ?`,
        [instanceId, from, to, ...(departmentIds ? [departmentIds] : []), limit],
      );
      return found.map(toLine);
    },
  };
}

const FIRST_ANSWER =
  "(SELECT messages.created_at FROM messages WHERE messages.chat_id = chats.id AND messages.sender = 'operator' ORDER BY messages.number LIMIT 1)";

function seconds(from: string, to: string): string {
  return `TIMESTAMPDIFF(MICROSECOND, ${from}, ${to}) / 1000000`;
}

function average(from: string, to: string): string {
  return `AVG(${seconds(from, to)})`;
}

function toLine(row: Row): StatisticsLine {
  const measured = (name: string) => (row[name] === null ? null : Number(row[name]));
  return {
    at: new Date(`${(row['at'] as string).replace(' ', 'T')}Z`),
    ...{ id: row['id'], name: row['name'], chats: Number(row['chats']), answered: Number(row['answered']) },
    ...{ abandoned: Number(row['abandoned']), missed: Number(row['missed']), ratings: Number(row['ratings']) },
    averageWait: measured('average_wait'),
    longestWait: measured('longest_wait'),
    averageFirstAnswer: measured('average_first_answer'),
    averageHandling: measured('average_handling'),
    averageScore: measured('average_score'),
  };
}
