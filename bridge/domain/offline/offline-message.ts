import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import { textBytes } from '../chats/message.js';
import { visitorData } from '../helpdesk-events.js';
import { admissionOf } from '../hours/admission.js';
import type { Desk, Instance } from '../instances/instance.js';
import { mailToDesk } from '../mail/request-mail.js';
import type { Tx } from '../ports.js';
import { factsOf, type Wishes } from '../routing/facts.js';
import { tellOperators } from './tell-operators.js';
import type { Visitor } from '../visitors/visitor.js';

/** What a visitor left while nobody could chat. Answered by e-mail. */
export interface OfflineMessage {
  readonly id: number;
  readonly instanceId: number;
  readonly visitorId: number;
  readonly deskId: number;
  /** Who would have answered. */
  readonly departmentId: number;
  readonly name: string;
  readonly email: string;
  readonly text: string;
  /** Where the visitor was. */
  readonly pageUrl: string | null;
  readonly language: string | null;
  readonly createdAt: Date;
  /** When somebody said that it is answered. */
  readonly doneAt: Date | null;
}

export interface LeaveMessage {
  instance: Instance;
  desk: Desk;
  /** Locked. */
  visitor: Visitor;
  name: string;
  email: string;
  text: string;
  /** The page's own name for it: the same one again is the same message. */
  clientId: string;
  /** UTF-8. */
  mostBytes: number;
  wishes?: Wishes;
}

/**
 * Taken also when the desk has opened meanwhile: what was written isn't lost for that.
 * @throws FoyerError `message_too_long` | `invalid_request`
 */
export async function leaveMessage(tx: Tx, given: LeaveMessage): Promise<OfflineMessage> {
  const { instance, desk, visitor, name, email, clientId, mostBytes } = given;
  const repeated = await tx.offlineMessages.byClientId(visitor.id, clientId);
  if (repeated) return repeated;
  const text = cleanText(given.text);
  if (text.trim() === '') throw new FoyerError('invalid_request', 'The text is empty.');
  const bytes = textBytes(text);
  if (bytes > mostBytes)
    throw new FoyerError('message_too_long', `The text has ${bytes} bytes; a message may have ${mostBytes}.`, {
      limit: mostBytes,
    });
  const { departmentId } = await admissionOf(tx, desk, factsOf(visitor, given.wishes));
  if (!visitor.member) {
    visitor.nick ??= name;
    visitor.email ??= email;
  }
  const { pageUrl, language } = visitor;
  const message = await tx.offlineMessages.create(
    {
      instanceId: instance.id,
      visitorId: visitor.id,
      deskId: desk.id,
      departmentId,
      name,
      email,
      text,
      pageUrl,
      language,
    },
    clientId,
  );
  const department = await tx.desks.department(instance.id, departmentId);
  tx.outbox.toHelpdesk(instance, 'offline', 'offline_message.created', {
    offline_message: {
      ...{ id: message.id, name, email, text, page_url: pageUrl, language },
      desk: desk.key,
      department: department ? { id: department.id, name: department.name } : null,
      created_at: message.createdAt.toISOString(),
    },
    ...visitorData(visitor),
  });
  await tellOperators(tx, instance, message);
  await mailToDesk(tx, message, { message: message.id });
  return message;
}
