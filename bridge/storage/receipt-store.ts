import type { ReceiptStore } from '../domain/ports.js';
import type { UnitOfWork } from './unit-of-work.js';

export function receiptStore(work: UnitOfWork): ReceiptStore {
  return {
    async known(source, ids) {
      if (ids.length === 0) return new Set();
      const found = await work.select(
        'SELECT receipts.id FROM receipts WHERE receipts.source = ? AND receipts.id IN (?)',
        [source, ids],
      );
      return new Set(found.map((row) => row['id'] as string));
    },
    take(source, id) {
      work.pending.receipts.push([source, id, work.now]);
    },
    async answer(source, id) {
      const [row] = await work.select(
        'SELECT receipts.request_hash, receipts.status, receipts.answer FROM receipts WHERE receipts.source = ? AND receipts.id = ?',
        [source, id],
      );
      if (!row) return undefined;
      const sealed = Buffer.from(row['answer'] as string, 'base64');
      return {
        requestHash: row['request_hash'],
        status: row['status'],
        body: JSON.parse(work.deps.box.open(sealed)) as unknown,
      };
    },
    keepAnswer(source, id, { requestHash, status, body }) {
      const sealed = work.deps.box.seal(JSON.stringify(body)).toString('base64');
      work.later('INSERT INTO receipts (source, id, request_hash, status, answer, received_at) VALUES (?)', [
        [source, id, requestHash, status, sealed, work.now],
      ]);
    },
    keepRejected({ id, host, event, code, reason }) {
      work.later('INSERT IGNORE INTO rejected_events (id, host, code, reason, event, received_at) VALUES (?)', [
        [id, host, code, reason.slice(0, 500), JSON.stringify(event), work.now],
      ]);
    },
    async takeRejected(id) {
      const [row] = await work.select(
        'SELECT rejected_events.host, rejected_events.event FROM rejected_events WHERE rejected_events.id = ? FOR UPDATE',
        [id],
      );
      if (!row) return undefined;
      work.later('DELETE FROM rejected_events WHERE id = ?', [id]);
      return { host: row['host'], event: JSON.parse(row['event'] as string) as unknown };
    },
  };
}
