import type { Account } from '../accounts/account.js';
import { chatHappened } from '../happenings.js';
import { chatData, chatLane, messageData } from '../helpdesk-events.js';
import { wasCommand } from '../commands/commands-sent.js';
import { barOf } from '../operators/may-answer.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { roomOf, saidOf } from '../queue/room.js';
import { relayIntoRoom, roomOfChat, sayInPlace } from '../rooms/room-talk.js';
import { saidInRoom } from '../rooms/room-typing.js';
import { acceptTransfer } from '../queue/transfer.js';
import { isWatching } from '../supervision/watch.js';
import { correctWhisper } from '../supervision/whisper.js';
import { say, type Text } from '../texts/say.js';
import { cleanText } from '../../shared/text.js';
import { rosterName, type Visitor } from '../visitors/visitor.js';
import { isOpen, type Chat } from './chat.js';
import type { ChatLimits } from './limits.js';
import { textBytes, type Message } from './message.js';
import { answererOf, notifyAboutChat, notifyOperator } from './notify-operator.js';
import { takeChat } from './take-chat.js';

/** What an operator's client sent to a visitor's contact. */
export interface OperatorMessage {
  text: string;
  /** The same one again is the same message. */
  senderKey: string;
  /** The client's own id; empty when it gave none. */
  stanzaId: string;
  /** By the clock of ejabberd, which may have kept it for days. */
  writtenAt: Date;
  receiptRequested: boolean;
  markable: boolean;
  /** XEP-0393: marks in the text are only letters. */
  unstyled?: boolean | undefined;
  /** XEP-0308: the stanza that this one replaces. */
  replaces?: string | undefined;
}

/**
 * The operator's words go into the record and onto the page. Writing takes a chat that nobody has; to a visitor without chat it is an invitation. What
 * can't be done is told to the operator in the same window, and isn't recorded.
 * @returns the message, also when it is there already; undefined when nothing new was said to the visitor
 */
export async function postOperatorMessage(
  tx: Tx,
  limits: ChatLimits,
  account: Account,
  operator: Operator,
  sent: OperatorMessage,
): Promise<Message | undefined> {
  const refuse = (notice: Text, chat?: Chat): undefined =>
    notifyOperator(tx, account, operator, notice, chat) as undefined;
  const text = cleanText(sent.text);
  if (text.trim() === '') return undefined;
  const { chat, visitor } = await findChat(tx, account);
  const late = account.pooled && sent.writtenAt <= ((await tx.pools.takenAt(account.id)) ?? sent.writtenAt);
  if (late && visitor) return refuse({ key: 'for_another', values: { visitor: rosterName(visitor) } });
  const [repeated] = chat ? await tx.messages.bySenderKeys(chat.id, [sent.senderKey]) : [];
  if (chat && repeated) {
    confirm(tx, chat, operator, sent);
    return repeated;
  }
  if (
    chat &&
    sent.replaces !== undefined &&
    (await correctWhisper(tx, chat, operator, { ...sent, text, replaces: sent.replaces }))
  )
    return undefined;
  if (
    chat &&
    sent.replaces !== undefined &&
    (await correct(tx, limits, chat, operator, { ...sent, text, replaces: sent.replaces }))
  ) {
    const room = await roomOfChat(tx, chat);
    const corrected = room && (await tx.messages.byStanzaId(chat.id, operator.id, sent.replaces));
    if (corrected) sayInPlace(tx, room, chat, corrected, operator.name, text);
    return undefined;
  }
  if (sent.replaces !== undefined && (await wasCommand(tx, operator, sent.replaces)))
    return refuse({ key: 'command_corrected' }, chat);
  // Corrects what was said to somebody else.
  if (account.pooled && sent.replaces !== undefined) return refuse({ key: 'not_corrected' });
  if (textBytes(text) > limits.messageBytes) return refuse(tooLong(limits), chat);

  const open = chat && isOpen(chat) ? chat : undefined;
  if (!open) {
    if (!visitor?.online) return refuse({ key: 'visitor_gone' }, chat);
    const invitation = await invite(tx, account, operator, visitor);
    if ('key' in invitation) return refuse(invitation);
    return record(tx, invitation, operator, { ...sent, text });
  }
  if (open.operatorId !== operator.id && (await isWatching(tx, open, operator)))
    return refuse({ key: 'watching_only' }, open);
  if (open.heldBy !== null || (open.operatorId !== null && open.operatorId !== operator.id)) {
    const transfer = await acceptTransfer(tx, open, operator);
    if (transfer === 'taken') return record(tx, open, operator, { ...sent, text });
    const name = (await answererOf(tx, open)) ?? say(operator.language, { key: 'somebody' });
    return refuse({ key: 'not_yours', values: { name } }, open);
  }
  if (open.textBytes + textBytes(text) > limits.chatBytes) return refuse({ key: 'chat_full' }, open);
  if (open.operatorId === null) {
    const room = await roomOf(tx, open, operator);
    if (!room.left) return refuse(saidOf(room, 'no_room'), open);
    await takeChat(tx, open, operator);
  }
  return record(tx, open, operator, { ...sent, text });
}

function tooLong({ messageBytes }: ChatLimits): Text {
  return { key: 'too_long', values: { kilobytes: Math.floor(messageBytes / 1024) } };
}

/** The open chat behind a contact, or the last one; locked. Where none is open the visitor is locked too. */
async function findChat(tx: Tx, account: Account): Promise<{ chat: Chat | undefined; visitor: Visitor | undefined }> {
  const known = await tx.visitors.byAccount(account.id);
  const chatId = known ? (known.openChatId ?? known.lastChatId) : await tx.chats.latestOfAccount(account.id);
  const chat = chatId == null ? undefined : await tx.chats.lock(chatId);
  if (!known || (chat && isOpen(chat))) return { chat, visitor: known };
  // The visitor was read without a lock: its page may have begun a chat since.
  const visitor = await tx.visitors.lock(known.id);
  const begun = visitor?.openChatId == null ? undefined : await tx.chats.lock(visitor.openChatId);
  return { chat: begun ?? chat, visitor };
}

/**
 * An invitation is a chat that the operator owns already and the visitor hasn't answered. The visitor must be locked.
 * @returns a text when it can't be: there is no department that the chat could be in, or the operator may not answer there
 */
async function invite(tx: Tx, account: Account, operator: Operator, visitor: Visitor): Promise<Chat | Text> {
  const desk = visitor.deskId === null ? undefined : await tx.instances.desk(visitor.deskId);
  const departmentId = desk?.departmentId ?? (await departmentOf(tx, operator));
  if (departmentId === undefined) return { key: 'no_department' };
  const bar = await barOf(tx, operator, departmentId);
  if (bar !== null) return { key: bar };
  const chat = await tx.chats.create({
    instanceId: account.instanceId,
    visitorId: visitor.id,
    accountId: account.id,
    deskId: desk?.id ?? null,
    departmentId,
    state: 'invited',
    initiator: 'operator',
    operatorId: operator.id,
  });
  if (account.pooled) tx.pools.keep(account.id);
  tx.chats.setParticipant(chat.id, operator.id, 'owner', 0);
  visitor.openChatId = chat.id;
  visitor.lastChatId = chat.id;
  tx.feed.append(chat, { kind: 'chat' });
  chatHappened(tx, 'chatInvited', chat);
  tx.outbox.toHelpdesk(
    await tx.instances.get(chat.instanceId),
    chatLane(chat),
    'invitation.created',
    await chatData(tx, chat),
  );
  return chat;
}

/** One of the operator's own, or else the instance's first. */
async function departmentOf(tx: Tx, operator: Operator): Promise<number | undefined> {
  const [own] = await tx.operators.departments(operator.id);
  return own ?? (await tx.desks.firstDepartment(operator.instanceId))?.id;
}

async function record(tx: Tx, chat: Chat, operator: Operator, sent: OperatorMessage): Promise<Message> {
  const message = tx.messages.append(chat, {
    sender: 'operator',
    operatorId: operator.id,
    text: sent.text,
    senderKey: sent.senderKey,
    stanzaId: sent.stanzaId === '' ? undefined : sent.stanzaId,
    markable: sent.markable,
    unstyled: sent.unstyled,
    // A clock that is ahead must not let it come from the future.
    writtenAt: sent.writtenAt < tx.now ? sent.writtenAt : tx.now,
  });
  await acknowledge(tx, chat, operator, sent, 'operator.message', message);
  const room = await roomOfChat(tx, chat);
  if (room) {
    relayIntoRoom(tx, room, operator.name, sent.text, message);
    await saidInRoom(tx, room, chat, operator.name);
  }
  return message;
}

/** An operator's words in place of earlier ones. @returns false when there is no such message: then the correction is a message of its own. */
export async function correct(
  tx: Tx,
  limits: ChatLimits,
  chat: Chat,
  operator: Operator,
  sent: OperatorMessage & { replaces: string },
): Promise<boolean> {
  const message = await tx.messages.byStanzaId(chat.id, operator.id, sent.replaces);
  if (!message) return false;
  const grown = textBytes(sent.text) - textBytes(message.text);
  if (textBytes(sent.text) > limits.messageBytes) {
    notifyAboutChat(tx, chat, operator, tooLong(limits));
    return true;
  }
  if (chat.textBytes + grown > limits.chatBytes) {
    notifyAboutChat(tx, chat, operator, { key: 'chat_full' });
    return true;
  }
  if (sent.text === message.text) {
    confirm(tx, chat, operator, sent);
    return true;
  }
  const { text, unstyled = false } = sent;
  const corrected = await tx.messages.correct(message, { text, unstyled }, sent.stanzaId === '' ? null : sent.stanzaId);
  chat.textBytes = Math.max(0, chat.textBytes + grown);
  tx.feed.append(chat, { kind: 'message_updated', message: message.number });
  await acknowledge(tx, chat, operator, sent, 'operator.message_corrected', corrected);
  return true;
}

/** Tells the operator's client that its message is in the record (XEP-0184). */
function confirm(tx: Tx, chat: Chat, operator: Operator, sent: OperatorMessage): void {
  if (!sent.receiptRequested || sent.stanzaId === '') return;
  tx.outbox.toAccount(
    { id: chat.accountId, instanceId: chat.instanceId },
    { kind: 'xmpp.receipt', to: operator.jid, messageId: sent.stanzaId },
  );
}

async function acknowledge(
  tx: Tx,
  chat: Chat,
  operator: Operator,
  sent: OperatorMessage,
  type: string,
  message: Message,
): Promise<void> {
  confirm(tx, chat, operator, sent);
  const instance = await tx.instances.get(chat.instanceId);
  if (instance.callbackUrl !== null)
    tx.outbox.toHelpdesk(instance, chatLane(chat), type, await messageData(tx, chat, message));
}
