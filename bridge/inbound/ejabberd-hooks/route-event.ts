import type { Account } from '../../domain/accounts/account.js';
import { advanceDelivery, seenByOperator } from '../../domain/chats/delivery.js';
import type { ChatLimits } from '../../domain/chats/limits.js';
import { parseStanzaId } from '../../domain/chats/message.js';
import { notifyOperator, stranger } from '../../domain/chats/notify-operator.js';
import { postOperatorMessage, type OperatorMessage } from '../../domain/chats/post-operator-message.js';
import { retractMessage } from '../../domain/chats/retract-message.js';
import { parseCommand } from '../../domain/commands/parse-command.js';
import type { Registry } from '../../domain/commands/registry.js';
import { runCommand } from '../../domain/commands/run-command.js';
import { operatorTyping } from '../../domain/chats/typing.js';
import type { Operator } from '../../domain/operators/operator.js';
import { recordPresence, recordSnapshot } from '../../domain/operators/record-presence.js';
import type { Tx } from '../../domain/ports.js';
import { assertNever } from '../../shared/assert-never.js';
import { FoyerError } from '../../shared/errors.js';
import { bareJid, splitJid } from '../../shared/jid.js';
import { cut } from '../../shared/text.js';
import type { HookEvent } from './events.js';
import { routeRoomEvent } from './route-room-event.js';
import { senderKeyOf } from './sender-key.js';

type Of<K extends HookEvent['kind']> = Extract<HookEvent, { kind: K }>;

/** What holds for all events of a batch. */
export interface EventContext {
  /** ejabberd's virtual host that the events come from. */
  host: string;
  limits: ChatLimits;
  /** What operators can type. */
  commands: Registry;
  /** Localpart of the service account: it speaks where there is no contact that could. */
  serviceLocal: string;
}

/** Gives each kind of event to its use case. */
export async function routeEvent(tx: Tx, context: EventContext, event: HookEvent): Promise<void> {
  switch (event.kind) {
    case 'message':
      return routeMessage(tx, context, event);
    case 'chat_state':
      return routeChatState(tx, event, event.state);
    case 'receipt':
      return routeReceipt(tx, event, false);
    case 'marker':
      return routeReceipt(tx, event, event.marker !== 'received');
    case 'presence':
      return recordPresence(tx, await requireOperator(tx, event.operator), presenceOf(event), new Date(event.at));
    case 'ping':
      return routePing(tx, context.host, event);
    case 'room_presence':
    case 'room_message':
    case 'room_chat_state':
    case 'room_subject':
    case 'room_destroyed':
      return routeRoomEvent(tx, context, event);
    default:
      return assertNever(event);
  }
}

async function routeMessage(
  tx: Tx,
  { host, limits, commands, serviceLocal }: EventContext,
  event: Of<'message'>,
): Promise<void> {
  const account = await accountOf(tx, event.to);
  const operator = await operatorOf(tx, event.from);
  if (!account) {
    const service = operator && (await tx.accounts.byJid(host, serviceLocal));
    if (!service) throw new FoyerError('not_found', 'No such contact is known.');
    return notifyOperator(tx, service, operator, { key: 'unknown_contact', values: { contact: bareJid(event.to) } });
  }
  if (!operator) return notifyOperator(tx, account, stranger(bareJid(event.from)), { key: 'not_an_operator' });
  if ((await tx.instances.get(operator.instanceId)).state !== 'active') {
    const service = await tx.accounts.byJid(host, serviceLocal);
    return notifyOperator(tx, service ?? account, operator, { key: 'suspended' });
  }
  const typed = event.encrypted === undefined ? parseCommand(event.body ?? '') : null;
  const context = { registry: commands, limits };
  if (account.kind === 'service' && event.retracts !== undefined) return;
  if (account.kind === 'service' && typed?.kind === 'command')
    return runCommand(tx, context, account, operator, typed, messageOf(event, ''));
  if (account.kind === 'service') return notifyOperator(tx, account, operator, { key: 'service_help' });
  if (account.instanceId !== operator.instanceId)
    throw new FoyerError('forbidden', 'The contact belongs to another instance.');
  if (event.encrypted !== undefined) return notifyOperator(tx, account, operator, { key: 'encrypted' });
  if (event.retracts !== undefined) return retractMessage(tx, account, operator, event.retracts);
  if (event.body === undefined || typed === null) return;
  if (typed.kind === 'command') return runCommand(tx, context, account, operator, typed, messageOf(event, ''));
  await postOperatorMessage(tx, limits, account, operator, messageOf(event, typed.text));
}

function messageOf(event: Of<'message'>, text: string): OperatorMessage {
  return {
    text,
    senderKey: senderKeyOf(event),
    // Longer than any client makes them; such a message just can't be corrected or acknowledged by its id.
    stanzaId: event.stanza_id.length <= 190 ? event.stanza_id : '',
    writtenAt: new Date(event.at),
    receiptRequested: event.receipt_requested,
    markable: event.markable,
    unstyled: event.unstyled,
    replaces: event.replaces,
  };
}

/** After a while without the bridge nobody types any more who did. */
const CHAT_STATE_MS = 10_000;

async function routeChatState(tx: Tx, event: Of<'chat_state'>, state: string): Promise<void> {
  if (event.to_service || tx.now.getTime() - Date.parse(event.at) > CHAT_STATE_MS) return;
  const operator = await operatorOf(tx, event.from);
  const account = await accountOf(tx, event.to);
  if (!operator || !account || account.instanceId !== operator.instanceId) return;
  const visitor = await tx.visitors.byAccount(account.id);
  const chatId = visitor ? visitor.openChatId : await tx.chats.latestOfAccount(account.id);
  const chat = chatId == null ? undefined : await tx.chats.lock(chatId);
  if (chat) await operatorTyping(tx, chat, operator, state === 'composing');
}

async function routeReceipt(tx: Tx, event: Of<'receipt'> | Of<'marker'>, seen: boolean): Promise<void> {
  const about = parseStanzaId(event.message_id);
  const operator = await operatorOf(tx, event.from);
  if (!about || !operator || about.operatorId !== operator.id) return;
  const chat = await tx.chats.lock(about.chatId);
  if (!chat || chat.instanceId !== operator.instanceId) return;
  if (seen) await seenByOperator(tx, chat, about.number);
  else await advanceDelivery(tx, chat, about.number, about.number, 'delivered');
}

async function routePing(tx: Tx, host: string, event: Of<'ping'>): Promise<void> {
  const online = [];
  for (const one of event.operators) {
    // Somebody may be in the roster group without being registered here: the snapshot is good for the others.
    const operator = await operatorOf(tx, one.jid);
    if (operator) online.push({ operator, presence: presenceOf(one) });
  }
  await recordSnapshot(tx, host, online, new Date(event.at));
}

function presenceOf({
  show,
  status,
  priority,
  resources,
}: Pick<Of<'presence'>, 'show' | 'status' | 'priority' | 'resources'>) {
  return { show, status: cut(status, 1000), priority, resources };
}

async function accountOf(tx: Tx, jid: string): Promise<Account | undefined> {
  const { local, host } = splitJid(jid);
  return tx.accounts.byJid(host, local);
}

async function operatorOf(tx: Tx, jid: string): Promise<Operator | undefined> {
  const account = await accountOf(tx, jid);
  return account && tx.operators.byAccount(account.id);
}

async function requireOperator(tx: Tx, jid: string): Promise<Operator> {
  const operator = await operatorOf(tx, jid);
  if (!operator) throw new FoyerError('not_found', 'No operator is registered with this address.');
  return operator;
}
