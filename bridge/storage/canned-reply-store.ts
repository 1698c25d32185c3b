import type { CannedReply, CannedReplyStore } from '../domain/canned-replies/canned-reply.js';
import { readRows, type Pool, type Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

const OF_INSTANCE =
  'SELECT canned_replies.id, canned_replies.instance_id, canned_replies.department_id, canned_replies.name, canned_replies.text, canned_replies.translations ' +
  'FROM canned_replies WHERE canned_replies.instance_id = ? ORDER BY canned_replies.name, canned_replies.department_id';

export function cannedReplyStore(work: UnitOfWork): CannedReplyStore {
  return {
    list: async (instanceId) => (await work.select(OF_INSTANCE, [instanceId])).map(toReply),
    async create(reply) {
      const { instanceId, departmentId, name, text, translations } = reply;
      const id = await work.insert(
        'INSERT INTO canned_replies (instance_id, department_id, name, text, translations, created_at, updated_at) VALUES (?)',
        [[instanceId, departmentId, name, text, JSON.stringify(translations), work.now, work.now]],
      );
      return { id, ...reply };
    },
    async update({ id, departmentId, name, text, translations }) {
      await work.write(
        'UPDATE canned_replies SET department_id = ?, name = ?, text = ?, translations = ?, updated_at = ? WHERE id = ?',
        [departmentId, name, text, JSON.stringify(translations), work.now, id],
      );
    },
    async delete(id) {
      await work.write('DELETE FROM canned_replies WHERE id = ?', [id]);
    },
  };
}

/** In the order of their names. */
export async function readCannedReplies(pool: Pool, instanceId: number): Promise<CannedReply[]> {
  return (await readRows(pool, OF_INSTANCE, [instanceId])).map(toReply);
}

function toReply(row: Row): CannedReply {
  return {
    id: row['id'],
    instanceId: row['instance_id'],
    departmentId: row['department_id'],
    name: row['name'],
    text: row['text'],
    translations: JSON.parse(row['translations'] as string),
  };
}
