import { cleanText } from '../../shared/text.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { isOpen, type Chat } from '../chats/chat.js';
import { notifyAboutChat } from '../chats/notify-operator.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import { addNote, NOTE_LENGTH, NOTES_AT_MOST, type Note } from '../transcripts/annotations.js';
import { maySupervise } from './access.js';
import { SupervisionError } from './refused.js';
import { speakers, watchersOf } from './watch.js';

export interface Whispered {
  text: string;
  /** The same one again is the same whisper. */
  senderKey: string;
  /** The client's own id; empty when it gave none. */
  stanzaId: string;
  /** XEP-0308: the stanza that this one replaces. */
  replaces?: string | undefined;
  /** Id of the operator who has it from the room already. */
  heardBy?: number | undefined;
}

/**
 * What those who have to do with a chat say to each other about it: the owner, who watches it, and who takes part in its room, each in the window of the visitor's contact.
 * It is kept as a note; the visitor never sees it. The chat must be locked.
 * @throws SupervisionError `chat_closed` | `not_supervisor` | `invalid_request` | `message_too_long` | `conflict`: nobody would hear it, or the chat can take no more
 */
export async function whisper(tx: Tx, chat: Chat, author: Operator, sent: Whispered): Promise<Note> {
  const { number } = chat;
  const repeated = await tx.transcripts.whisperByKey(chat.id, sent.senderKey);
  if (repeated) return repeated;
  if (!isOpen(chat)) throw new SupervisionError('chat_closed', { key: 'chat_over', values: { number } });
  const people = await peopleOf(tx, chat);
  if (!people.has(author.id) && !(await maySupervise(tx, author, chat.departmentId)))
    throw new SupervisionError('not_supervisor', { key: 'not_your_chat', values: { number } });
  const text = cleanText(sent.text).trim();
  if (text === '') throw new SupervisionError('invalid_request', { key: 'whisper_usage' });
  if (text.length > NOTE_LENGTH)
    throw new SupervisionError('message_too_long', { key: 'whisper_long', values: { most: NOTE_LENGTH } });
  people.delete(author.id);
  if (people.size === 0) throw new SupervisionError('conflict', { key: 'nobody_listens', values: { number } });
  if ((await tx.transcripts.countNotes(chat.id, 'whisper')) >= NOTES_AT_MOST)
    throw new SupervisionError('conflict', { key: 'too_many', values: { number } });
  const replaced =
    sent.replaces === undefined ? undefined : await tx.transcripts.whisperById(chat.id, author.id, sent.replaces);
  const { senderKey, stanzaId } = sent;
  const note = await addNote(tx, chat, author, text, { senderKey, stanzaId, corrects: replaced ?? null });
  for (const reader of people.values())
    if (reader.id !== sent.heardBy) tell(tx, chat, author, reader, { note: note.id, replaced, text });
  return note;
}

/** What an operator writes in place of a whisper is one too, and never reaches the visitor. @returns false when it replaces none */
export async function correctWhisper(
  tx: Tx,
  chat: Chat,
  author: Operator,
  sent: Whispered & { replaces: string },
): Promise<boolean> {
  if ((await tx.transcripts.whisperById(chat.id, author.id, sent.replaces)) === undefined) return false;
  try {
    await whisper(tx, chat, author, sent);
  } catch (error) {
    if (!(error instanceof SupervisionError)) throw error;
    notifyAboutChat(tx, chat, author, error.text);
  }
  return true;
}

/** The author takes a whisper back (XEP-0424): its words go from the record, and clients are asked to do likewise. @returns false when there is no such whisper */
export async function retractWhisper(tx: Tx, chat: Chat, author: Operator, stanzaId: string): Promise<boolean> {
  const retracted = await tx.transcripts.whisperById(chat.id, author.id, stanzaId);
  if (retracted === undefined) return false;
  await tx.transcripts.eraseWhisper(retracted);
  const people = await peopleOf(tx, chat);
  people.delete(author.id);
  for (const reader of people.values()) {
    const body = say(reader.language, { key: 'message_deleted' });
    send(tx, chat, reader, { body, id: `foyer-notice.${tx.newId()}`, retracts: noticeId(retracted, reader) });
  }
  return true;
}

/** Who hears whispers, by id. */
async function peopleOf(tx: Tx, chat: Chat): Promise<Map<number, Operator>> {
  const people = new Map<number, Operator>();
  const add = (operator: Operator | undefined): void => {
    if (operator && !operator.disabled) people.set(operator.id, operator);
  };
  add(chat.operatorId === null ? undefined : await tx.operators.get(chat.operatorId));
  for (const watcher of await watchersOf(tx, chat)) add(watcher);
  for (const { jid } of await speakers(tx, chat)) {
    const { host, local } = splitJid(bareJid(jid));
    const account = await tx.accounts.byJid(host, local);
    add(account && (await tx.operators.byAccount(account.id)));
  }
  return people;
}

function tell(
  tx: Tx,
  chat: Chat,
  author: Operator,
  reader: Operator,
  { note, replaced, text }: { note: number; replaced: number | undefined; text: string },
): void {
  const heading = say(reader.language, { key: 'whispered', values: { name: author.name } });
  const body = `[Chat ${chat.number}] ${heading}\n${text}`;
  if (replaced === undefined) send(tx, chat, reader, { body, id: noticeId(note, reader) });
  else send(tx, chat, reader, { body, id: `foyer-notice.${tx.newId()}`, replaces: noticeId(replaced, reader) });
}

function send(
  tx: Tx,
  chat: Chat,
  reader: Operator,
  stanza: { body: string; id: string; replaces?: string; retracts?: string },
): void {
  const contact = { id: chat.accountId, instanceId: chat.instanceId };
  tx.outbox.toAccount(contact, { kind: 'xmpp.message', to: reader.jid, ...stanza });
}

/** Later stanzas that change it name it. */
function noticeId(note: number, reader: Operator): string {
  return `foyer-notice.whisper.${note}.${reader.id}`;
}
