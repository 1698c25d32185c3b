import type { Transactions, Tx } from '../ports.js';
import { say } from '../texts/say.js';
import type { Upkeep } from '../upkeep.js';
import type { Chat } from './chat.js';
import { notifyAboutChat } from './notify-operator.js';
import { returnToQueue } from './return-to-queue.js';

/** Chats of one look. */
const AT_ONCE = 200;

/** Somebody lets the other side wait for longer than the department wants. */
export interface Silence {
  chatId: number;
  step: 'remind-visitor' | 'remind-operator' | 'hand-back';
  /** Number of the first message that waits for an answer. */
  about: number;
}

export interface ReminderStore {
  /** What is to be done about this chat now, by the database's clock. Lock the chat before anything is read. */
  due(chatId: number): Promise<Silence | undefined>;
  add(chat: Chat, side: 'visitor' | 'operator', about: number): void;
}

/**
 * Reminds visitors and operators of words that wait, and gives chats back whose operators don't answer all the same. @returns how many chats it was about; call
 * again while it isn't 0
 */
export async function remindSilent(upkeep: Upkeep, transactions: Transactions): Promise<number> {
  let done = 0;
  for (const { chatId } of await upkeep.silences(AT_ONCE))
    if (await transactions.alone((tx) => remind(tx, chatId))) done += 1;
  return done;
}

/** Looked at again under its lock: somebody may have answered, or another process may have reminded, in between. */
async function remind(tx: Tx, chatId: number): Promise<boolean> {
  const chat = await tx.chats.lock(chatId);
  const silence = chat && (await tx.reminders.due(chatId));
  const owner = chat?.operatorId == null ? undefined : await tx.operators.get(chat.operatorId);
  if (!chat || !silence || !owner) return false;
  const { step, about } = silence;
  if (step === 'remind-visitor') {
    tx.reminders.add(chat, 'visitor', about);
    const language = (await tx.visitors.peek(chat.visitorId))?.language ?? 'en';
    const text = say(language, { key: 'visitor_reminder' });
    tx.messages.append(chat, { sender: 'system', operatorId: null, text, senderKey: `s:reminder.${about}` });
    return true;
  }
  tx.reminders.add(chat, 'operator', about);
  if (step === 'remind-operator') {
    notifyAboutChat(tx, chat, owner, { key: 'operator_reminder' });
    return true;
  }
  const now = await tx.queue.lock(chat.instanceId);
  chat.handover = JSON.stringify({ from: owner.name, note: '' });
  await returnToQueue(tx, chat, owner, now);
  // The others are asked first; the dispatcher does it once this is committed.
  await tx.queue.refuse(chat, owner.id, 'expired');
  notifyAboutChat(tx, chat, owner, { key: 'handed_back_unanswered' });
  return true;
}
