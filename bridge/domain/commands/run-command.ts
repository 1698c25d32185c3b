import type { Account } from '../accounts/account.js';
import type { ChatLimits } from '../chats/limits.js';
import { notifyOperator } from '../chats/notify-operator.js';
import { managedBy } from '../operators/departments-of.js';
import type { OperatorMessage } from '../chats/post-operator-message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import { say } from '../texts/say.js';
import type { Answer } from './command.js';
import type { Typed } from './parse-command.js';
import type { Registry } from './registry.js';

/** Does what an operator typed to a visitor's contact or to the service account, and answers there. */
export async function runCommand(
  tx: Tx,
  { registry, limits }: { registry: Registry; limits: ChatLimits },
  account: Account,
  operator: Operator,
  typed: Extract<Typed, { kind: 'command' }>,
  sent: OperatorMessage,
): Promise<void> {
  const chat = account.kind === 'service' ? undefined : await chatOf(tx, account);
  const command = registry.find(typed.word);
  const manager = operator.manager || (await managedBy(tx, operator)).length > 0;
  const allowed = command?.who === 'operators' || manager;
  const answer: Answer | null = !command
    ? { key: 'unknown_command', values: { word: typed.word } }
    : allowed
      ? await command.run({ tx, operator, manager, account, chat, rest: typed.rest, registry, sent, limits })
      : { key: 'managers_only', values: { word: typed.word } };
  if (answer === null) return;
  const [first = { key: 'nothing' as const }, ...others] = 'key' in answer ? [answer] : answer;
  const lines = others.map((text) => say(operator.language, text)).join('\n');
  notifyOperator(tx, account, operator, first, undefined, lines);
}

/** The open chat behind a contact, or the last one; locked. */
async function chatOf(tx: Tx, account: Account) {
  const visitor = await tx.visitors.byAccount(account.id);
  const id = visitor ? (visitor.openChatId ?? visitor.lastChatId) : await tx.chats.latestOfAccount(account.id);
  return id == null ? undefined : tx.chats.lock(id);
}
