import { createHash } from 'node:crypto';
import type { MailStore } from '../domain/mail/mail-store.js';
import type { UnitOfWork } from './unit-of-work.js';

export function mailStore(work: UnitOfWork): MailStore {
  return {
    rules: work.deps.mail,
    async counts(instanceId, chatId, address) {
      const [row] = await work.select(
        `SELECT (SELECT COUNT(*) FROM mails WHERE mails.chat_id = ?) AS of_chat,
                (SELECT COUNT(*) FROM mails WHERE mails.instance_id = ? AND mails.address_hash = ? AND mails.asked_at > NOW(3) - INTERVAL 1 DAY) AS of_address`,
        [chatId, instanceId, hashOf(address)],
      );
      return { chat: Number(row?.['of_chat']), address: Number(row?.['of_address']) };
    },
    async isKnown(chatId, senderKey) {
      const found = await work.select('SELECT mails.id FROM mails WHERE mails.chat_id = ? AND mails.sender_key = ?', [
        ...[chatId, senderKey],
      ]);
      return found.length > 0;
    },
    add({ id, instanceId, chatId, senderKey, address }) {
      work.later(
        'INSERT INTO mails (id, instance_id, chat_id, sender_key, address_hash, asked_at) VALUES (?, ?, ?, ?, ?, NOW(3))',
        [id, instanceId, chatId, senderKey, hashOf(address)],
      );
    },
  };
}

function hashOf(address: string): Buffer {
  return createHash('sha256').update(address.toLowerCase()).digest();
}
