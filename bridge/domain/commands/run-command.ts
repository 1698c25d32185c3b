import type { Account } from '../accounts/account.js';
import type { ChatLimits } from '../chats/limits.js';
import { notifyOperator } from '../chats/notify-operator.js';
import { managedBy } from '../operators/departments-of.js';
import { latestChat } from '../chats/latest-chat.js';
import type { OperatorMessage } from '../chats/post-operator-message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { Room } from '../rooms/room.js';
import { supervisedBy } from '../supervision/supervised-by.js';
import { FoyerError } from '../../shared/errors.js';
import { splitJid } from '../../shared/jid.js';
import { refusal, say, type Text } from '../texts/say.js';
import type { Call } from './command.js';
import type { Typed } from './parse-command.js';
import { rememberCommand } from './commands-sent.js';
import { mayUse, type Registry, type Rights } from './registry.js';

type TypedCommand = Pick<Extract<Typed, { kind: 'command' }>, 'word' | 'rest'>;

/** Does what an operator typed to a visitor's contact or to the service account, and answers there. */
export async function runCommand(
  tx: Tx,
  { registry, limits, room }: { registry: Registry; limits: ChatLimits; room?: Room },
  account: Account,
  operator: Operator,
  typed: TypedCommand,
  sent: OperatorMessage,
): Promise<void> {
  const chat = account.kind === 'service' ? undefined : await latestChat(tx, account);
  const rights = await rightsOf(tx, operator);
  await rememberCommand(tx, operator, sent);
  const texts = await answer({ tx, registry, limits, operator, ...rights, account, chat, sent, room }, typed);
  if (texts === null) return;
  const [first, ...others] = texts;
  const lines = others.map((text) => say(operator.language, text)).join('\n');
  notifyOperator(tx, account, operator, first, undefined, lines);
}

/**
 * Does a command that came by no message: from a form, or over the API. Each call counts as a new one.
 * @returns what the operator is told, one text for each line
 */
export async function answerCommand(
  call: Pick<Call, 'tx' | 'registry' | 'limits' | 'operator' | 'manager' | 'supervisor'>,
  typed: TypedCommand,
): Promise<[Text, ...Text[]]> {
  const { tx, operator } = call;
  const account = await tx.accounts.service(splitJid(operator.jid).host);
  if (!account) throw new FoyerError('conflict', 'There is no service account yet.');
  const sent: OperatorMessage = {
    ...{ text: '', senderKey: `command:${tx.newId()}`, stanzaId: '', writtenAt: tx.now },
    ...{ receiptRequested: false, markable: false },
  };
  return (await answer({ ...call, account, chat: undefined, sent }, typed)) ?? [{ key: 'told_in_window' }];
}

/** Null: the operator was told. */
async function answer(call: Omit<Call, 'rest'>, { word, rest }: TypedCommand): Promise<[Text, ...Text[]] | null> {
  const command = call.registry.find(word);
  if (!command) return [refusal('unknown_command', { word })];
  if (!mayUse(call, command))
    return [refusal(command.who === 'managers' ? 'managers_only' : 'supervisors_only', { word })];
  const said = await command.run({ ...call, rest });
  if (said === null) return null;
  const [first = { key: 'nothing' as const }, ...others] = 'key' in said ? [said] : said;
  return [first, ...others];
}

/** Which commands an operator may use, by its access at this moment. */
export async function rightsOf(tx: Tx, operator: Operator): Promise<Rights> {
  const manager = operator.manager || (await managedBy(tx, operator)).length > 0;
  return { manager, supervisor: manager || (await supervisedBy(tx, operator)).size > 0 };
}
