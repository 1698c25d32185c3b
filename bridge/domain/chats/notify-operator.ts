import type { Chat } from './chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { assertNever } from '../../shared/assert-never.js';

/** What Foyer itself says to an operator. One line each: it is read in a chat window. */
export type Notice =
  | { key: 'taken_by'; name: string }
  | { key: 'not_yours'; name: string }
  | { key: 'visitor_left' }
  | { key: 'visitor_gone' }
  | { key: 'closed_by_visitor' }
  | { key: 'closed_by_helpdesk' }
  | { key: 'closed_idle' }
  | { key: 'invitation_missed' }
  | { key: 'invitation_declined' }
  | { key: 'encrypted' }
  | { key: 'too_long'; limit: number }
  | { key: 'chat_full' }
  | { key: 'no_department' }
  | { key: 'not_an_operator' }
  | { key: 'unknown_contact'; contact: string }
  | { key: 'not_taken'; contact: string }
  | { key: 'service_help' }
  | { key: 'bounced' };

function noticeText(notice: Notice): string {
  switch (notice.key) {
    case 'taken_by':
      return `${notice.name} has taken this chat.`;
    case 'not_yours':
      return `${notice.name} has this chat. Your message was not sent.`;
    case 'visitor_left':
      return 'The visitor has left the site. What you write will be there if they come back.';
    case 'visitor_gone':
      return 'The visitor is no longer there. Your message was not sent.';
    case 'closed_by_visitor':
      return 'The visitor has ended the chat.';
    case 'closed_by_helpdesk':
      return 'The chat was closed in the helpdesk.';
    case 'closed_idle':
      return 'Nobody has written for long. The chat was closed.';
    case 'invitation_missed':
      return 'The visitor left without answering you.';
    case 'invitation_declined':
      return 'The visitor closed your invitation.';
    case 'encrypted':
      return 'Your message was encrypted and could not be shown to the visitor. Switch encryption off for this contact and send it again.';
    case 'too_long':
      return `Your message was not sent: it is longer than ${Math.floor(notice.limit / 1024)} KB.`;
    case 'chat_full':
      return 'Your message was not sent: the chat has reached its size limit. Close it and begin another.';
    case 'no_department':
      return 'Your message was not sent: there is no department that the chat could be in.';
    case 'not_an_operator':
      return 'You are not registered as an operator. Your message was not sent.';
    case 'unknown_contact':
      return `There is no contact ${notice.contact}. Your message was not sent.`;
    case 'not_taken':
      return `Your message to ${notice.contact} could not be taken. It was not sent.`;
    case 'service_help':
      return 'Write to a visitor’s contact to talk to that visitor.';
    case 'bounced':
      return 'A message of the visitor could not be delivered to you.';
    default:
      return assertNever(notice);
  }
}

/** Says it in the window of the chat's contact. */
export function notifyOperator(
  tx: Tx,
  account: { id: number; instanceId: number },
  jid: string,
  notice: Notice,
  chat?: Chat,
): void {
  const body = `[${chat ? `Chat ${chat.number}` : 'Foyer'}] ${noticeText(notice)}`;
  tx.outbox.toAccount(account, { kind: 'xmpp.message', to: jid, id: `foyer-notice.${tx.newId()}`, body });
}

/** To the chat's owner, if it has one. */
export async function notifyOwner(tx: Tx, chat: Chat, notice: Notice): Promise<void> {
  const owner = chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId);
  if (owner) notifyAboutChat(tx, chat, owner, notice);
}

export function notifyAboutChat(tx: Tx, chat: Chat, operator: Operator, notice: Notice): void {
  notifyOperator(tx, { id: chat.accountId, instanceId: chat.instanceId }, operator.jid, notice, chat);
}
