import { FoyerError } from '../../shared/errors.js';
import { isMailAddress } from '../../shared/mail-address.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { mailLane } from '../outbox/lane.js';
import type { Tx } from '../ports.js';

export interface MailRequest {
  to: string;
  /** What whoever asks calls it: the same one again in this chat asks for nothing more. */
  senderKey: string;
}

/**
 * Sends what was said in a chat to an address. The chat must be locked.
 * @returns the lane that it waits in
 * @throws FoyerError `mail_disabled` | `invalid_request` when that is no address | `conflict` when nothing was said, or so many were asked for already
 */
export async function mailTranscript(tx: Tx, chat: Chat, { to, senderKey }: MailRequest): Promise<string> {
  const rules = mailRules(tx);
  if (!isMailAddress(to)) throw new FoyerError('invalid_request', 'That is no e-mail address that mail can go to.');
  if (chat.lastNumber === 0) throw new FoyerError('conflict', 'Nothing was said in this chat.');
  const about = { chat: chat.id };
  const lane = mailLane(chat.instanceId, about);
  if (await tx.mail.isKnown(chat.id, senderKey)) return lane;
  // One after the other, or two requests at once could both be the last that is allowed.
  await tx.queue.lock(chat.instanceId);
  const { chat: ofChat, address } = await tx.mail.counts(chat.instanceId, chat.id, to);
  if (ofChat >= rules.perChat)
    throw new FoyerError('conflict', `A chat is mailed ${rules.perChat} times at most.`, { limit: rules.perChat });
  if (address >= rules.perAddress)
    throw new FoyerError('conflict', `An address gets ${rules.perAddress} mails a day at most.`, {
      limit: rules.perAddress,
    });
  const id = tx.newId();
  const language = (await tx.visitors.peek(chat.visitorId))?.language ?? 'en';
  tx.mail.add({ id, instanceId: chat.instanceId, chatId: chat.id, senderKey, address: to });
  tx.outbox.toMail(chat.instanceId, { kind: 'mail.send', id, to, about, reader: 'visitor', language });
  return lane;
}

/**
 * The same for a visitor, who may ask once the chat is over and if somebody answered: nobody else's address is to get what a stranger alone has written.
 * @throws FoyerError as `mailTranscript`, and `conflict` before
 */
export async function mailOwnTranscript(tx: Tx, chat: Chat, request: MailRequest): Promise<void> {
  mailRules(tx);
  if (isOpen(chat) || chat.acceptedAt === null)
    throw new FoyerError('conflict', 'A chat is mailed when it is over and was answered.');
  await mailTranscript(tx, chat, request);
}

/** What a desk wants to have by mail: a chat that has ended, or a message that was left. */
export async function mailToDesk(
  tx: Tx,
  { instanceId, deskId }: { instanceId: number; deskId: number | null },
  about: { chat: number } | { message: number },
): Promise<void> {
  const to = deskId === null || tx.mail.rules === null ? null : (await tx.instances.desk(deskId))?.mailTo;
  if (to == null) return;
  tx.outbox.toMail(instanceId, { kind: 'mail.send', id: tx.newId(), to, about, reader: 'desk', language: 'en' });
}

/** @throws FoyerError `mail_disabled` */
export function mailRules(tx: Tx): NonNullable<Tx['mail']['rules']> {
  if (tx.mail.rules === null) throw new FoyerError('mail_disabled', 'This bridge sends no mail: mail.host isn’t set.');
  return tx.mail.rules;
}
