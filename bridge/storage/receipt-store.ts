import type { ReceiptStore } from '../domain/receipt-store.js';
import type { UnitOfWork } from './unit-of-work.js';

/** The hash is sealed too: a short request, such as one with a password, could be guessed from it. */
interface SealedAnswer {
  /** Base64 of the request's hash. */
  request: string;
  body: unknown;
}

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
    remember: (source, id) =>
      work.write('INSERT IGNORE INTO receipts (source, id, received_at) VALUES (?)', [[source, id, work.now]]),
    async answer(source, id) {
      const [row] = await work.select(
        'SELECT receipts.status, receipts.answer FROM receipts WHERE receipts.source = ? AND receipts.id = ?',
        [source, id],
      );
      if (!row) return undefined;
      const sealed = Buffer.from(row['answer'] as string, 'base64');
      const { request, body } = JSON.parse(work.deps.box.open(sealed)) as SealedAnswer;
      return { requestHash: Buffer.from(request, 'base64'), status: row['status'], body };
    },
    keepAnswer(source, id, { requestHash, status, body }) {
      const answer: SealedAnswer = { request: requestHash.toString('base64'), body };
      const sealed = work.deps.box.seal(JSON.stringify(answer)).toString('base64');
      work.later('INSERT INTO receipts (source, id, status, answer, received_at) VALUES (?)', [
        [source, id, status, sealed, work.now],
      ]);
    },
    keepRejected({ id, instanceId, host, event, code, reason }) {
      work.later(
        'INSERT IGNORE INTO rejected_events (id, instance_id, host, code, reason, event, received_at) VALUES (?)',
        [[id, instanceId, host, code, reason.slice(0, 500), JSON.stringify(event), work.now]],
      );
    },
    async takeRejected(id, instanceId) {
      const [row] = await work.select(
        'SELECT rejected_events.host, rejected_events.event FROM rejected_events WHERE rejected_events.id = ? AND (? IS NULL OR rejected_events.instance_id = ?) FOR UPDATE',
        [id, instanceId, instanceId],
      );
      if (!row) return undefined;
      work.later('DELETE FROM rejected_events WHERE id = ?', [id]);
      return { host: row['host'], event: JSON.parse(row['event'] as string) as unknown };
    },
  };
}
