/** A chat shown to one operator, who may take it. */
export interface Offer {
  readonly id: number;
  readonly chatId: number;
  readonly operatorId: number;
  readonly kind: OfferKind;
  readonly state: OfferState;
  readonly offeredAt: Date;
  /** By the database's clock; null: it stands until somebody answers. */
  readonly expiresAt: Date | null;
  readonly endedAt: Date | null;
}

/**
 * `all`: others are shown the chat too; `alone`: nobody else is asked meanwhile, so that the offer takes up room; `transfer`: by the owner, who keeps the
 * chat until it is accepted.
 */
export type OfferKind = 'all' | 'alone' | 'transfer';

/** `revoked`: somebody else has the chat, it has ended, or the operator can't take it any more. An offer ends once. */
export type OfferState = 'open' | 'accepted' | 'declined' | 'revoked' | 'expired';
