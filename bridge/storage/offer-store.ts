import type { Chat } from '../domain/chats/chat.js';
import type { Offer, OfferState } from '../domain/queue/offer.js';
import type { QueueStore } from '../domain/queue/store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

const OFFER_COLUMNS =
  'offers.id, offers.chat_id, offers.operator_id, offers.kind, offers.state, offers.offered_at, offers.expires_at, offers.ended_at';

function toOffer(row: Row): Offer {
  return {
    id: row['id'],
    chatId: row['chat_id'],
    operatorId: row['operator_id'],
    kind: row['kind'],
    state: row['state'],
    offeredAt: row['offered_at'],
    expiresAt: row['expires_at'],
    endedAt: row['ended_at'],
  };
}

type OfferPart = Pick<
  QueueStore,
  'openOffers' | 'offersTo' | 'refusals' | 'open' | 'end' | 'endLater' | 'given' | 'refuse'
>;

/** Written at once: what is counted next in the same transaction must see it. */
export function offerStore(work: UnitOfWork): OfferPart {
  const insert = (chat: Chat, operatorId: number, kind: Offer['kind'], state: OfferState, seconds: number | null) =>
    work.write(
      `INSERT INTO offers (instance_id, department_id, chat_id, operator_id, kind, state, offered_at, expires_at, ended_at)
       VALUES (?, ?, ?, ?, ?, ?, NOW(3), NOW(3) + INTERVAL ? SECOND, IF(? = 'open', NULL, NOW(3)))`,
      [chat.instanceId, chat.departmentId, chat.id, operatorId, kind, state, seconds, state],
    );
  return {
    async openOffers(chatIds) {
      if (chatIds.length === 0) return [];
      const found = await work.select(
        `SELECT ${OFFER_COLUMNS} FROM offers WHERE offers.chat_id IN (?) AND offers.state = 'open' ORDER BY offers.id`,
        [chatIds],
      );
      return found.map(toOffer);
    },
    async offersTo(operatorId) {
      const found = await work.select(
        `SELECT ${OFFER_COLUMNS} FROM offers WHERE offers.operator_id = ? AND offers.state = 'open' ORDER BY offers.id`,
        [operatorId],
      );
      return found.map(toOffer);
    },
    async refusals(chatIds) {
      if (chatIds.length === 0) return [];
      const found = await work.select(
        `SELECT offers.chat_id, offers.operator_id, offers.state, offers.ended_at FROM offers JOIN chats ON chats.id = offers.chat_id
          WHERE offers.chat_id IN (?) AND offers.state IN ('declined', 'expired') AND offers.offered_at >= chats.waiting_since`,
        [chatIds],
      );
      return found.map((row) => ({
        chatId: row['chat_id'] as number,
        operatorId: row['operator_id'] as number,
        state: row['state'] as 'declined' | 'expired',
        at: row['ended_at'] as Date,
      }));
    },
    open: (chat, operatorId, kind, seconds) => insert(chat, operatorId, kind, 'open', seconds),
    given: (chat, operatorId) => insert(chat, operatorId, 'alone', 'accepted', null),
    refuse: (chat, operatorId, as = 'declined') => insert(chat, operatorId, 'alone', as, null),
    async end(chatId, state, operatorId) {
      await work.write(
        `UPDATE offers SET state = ?, ended_at = NOW(3) WHERE chat_id = ? AND state = 'open'${operatorId === undefined ? '' : ' AND operator_id = ?'}`,
        [state, chatId, ...(operatorId === undefined ? [] : [operatorId])],
      );
    },
    endLater(chatId) {
      work.later("UPDATE offers SET state = 'revoked', ended_at = NOW(3) WHERE chat_id = ? AND state = 'open'", [
        chatId,
      ]);
    },
  };
}
