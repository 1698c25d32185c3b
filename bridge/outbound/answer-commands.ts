import { createHash } from 'node:crypto';
import type { Element } from '@xmpp/client';
import type { Account } from '../domain/accounts/account.js';
import type { Asker } from '../domain/commands/argument.js';
import { ArgumentError, formOf, titleOf, typedFrom } from '../domain/commands/command-form.js';
import type { Command } from '../domain/commands/command.js';
import { mayUse, type Registry } from '../domain/commands/registry.js';
import { answerCommand, rightsOf } from '../domain/commands/run-command.js';
import type { ChatLimits } from '../domain/chats/limits.js';
import type { Operator } from '../domain/operators/operator.js';
import type { Transactions, Tx } from '../domain/ports.js';
import { isSpoken, say, type Text } from '../domain/texts/say.js';
import { describeError } from '../shared/errors.js';
import { bareJid, splitJid } from '../shared/jid.js';
import {
  badRequest,
  commandOf,
  errorOf,
  infoOf,
  itemsOf,
  NS_COMMANDS,
  readQuestion,
  resultOf,
  StanzaRefusal,
  type CommandRequest,
  type CommandState,
  type Question,
} from './xmpp/command-stanzas.js';
import type { Log } from './xmpp/log.js';
import { Turns } from './xmpp/turns.js';

export interface CommandAnswersDeps {
  transactions: Transactions;
  commands: Registry;
  limits: ChatLimits;
  log: Log;
}

type CommandQuestion = Extract<Question, { kind: 'command' }>;

/** How long a form that was shown can be sent back. */
const SESSION_MS = 3_600_000;
/** So much may clocks of two bridges differ. */
const SKEW_MS = 60_000;
const SESSION = /^([0-9a-z]{1,9})\.[\w-]{1,64}$/;
const NAME = 'Foyer';

const notFound = () => new StanzaRefusal('item-not-found', 'cancel');
const forbidden = () => new StanzaRefusal('forbidden', 'auth');

/**
 * Answers operators who use their client's ad-hoc commands (XEP-0050) with the service account: the same commands as those that are typed.
 * Nothing is kept between the stages but what the session id says and, once it has run, its receipt: a repeat gets the first answer, and does nothing.
 */
export class CommandAnswers {
  readonly #turns = new Turns();

  constructor(private readonly deps: CommandAnswersDeps) {}

  /** The answer to come, which never rejects; null where this isn't a question for it. */
  ask(account: Account, stanza: Element): Promise<Element> | null {
    if (account.kind !== 'service') return null;
    try {
      const question = readQuestion(stanza);
      if (!question) return null;
      const jid = stanza.attrs['to'] ?? '';
      const answer = this.#turns.take(bareJid(question.from), () => this.#answer(account, question, jid));
      return answer.then(
        (child) => resultOf(stanza, child),
        (error: unknown) => errorOf(stanza, this.#refusal(error)),
      );
    } catch (error) {
      return Promise.resolve(errorOf(stanza, this.#refusal(error)));
    }
  }

  #refusal(error: unknown): StanzaRefusal {
    if (error instanceof StanzaRefusal) return error;
    this.deps.log.error({ reason: describeError(error) }, 'ad-hoc command failed');
    return new StanzaRefusal('internal-server-error', 'wait');
  }

  async #answer(account: Account, question: Question, jid: string): Promise<Element> {
    if (question.kind === 'info' && question.node === '') return infoOf('', NAME);
    // Strangers of other servers don't reach the database.
    if (splitJid(question.from).host !== account.host) throw forbidden();
    return this.deps.transactions.alone(async (tx) => {
      const operator = await operatorOf(tx, question.from);
      const reader = isSpoken(question.language) ? { ...operator, language: question.language } : operator;
      const rights = await rightsOf(tx, operator);
      const asker = { tx, operator: reader, ...rights, registry: this.deps.commands, limits: this.deps.limits };
      if (question.kind === 'command') return commandOf(await answerStage(asker, operator, question));
      return question.kind === 'info' ? infoFor(asker, question.node) : itemsFor(asker, question.node, jid);
    });
  }
}

function infoFor(asker: Asker, node: string): Element {
  const { operator: reader } = asker;
  if (node === NS_COMMANDS) return infoOf(node, say(reader.language, { key: 'commands' }));
  return infoOf(node, titleOf(visible(asker, node), reader));
}

function itemsFor(asker: Asker, node: string, jid: string): Element {
  const { operator: reader } = asker;
  if (node === '') return itemsOf(node, jid, [{ node: NS_COMMANDS, name: say(reader.language, { key: 'commands' }) }]);
  if (node !== NS_COMMANDS) return itemsOf(visible(asker, node).word, jid, []);
  const commands = asker.registry.of(asker);
  return itemsOf(
    node,
    jid,
    commands.map((command) => ({ node: command.word, name: titleOf(command, reader) })),
  );
}

function visible(asker: Asker, node: string): Command {
  const command = asker.registry.of(asker).find(({ word }) => word === node);
  if (!command) throw notFound();
  return command;
}

/** Who asks, by the address that ejabberd has put on the stanza. */
async function operatorOf(tx: Tx, from: string): Promise<Operator> {
  const { local, host } = splitJid(from);
  const sender = await tx.accounts.byJid(host, local);
  const operator = sender && (await tx.operators.byAccount(sender.id));
  if (!operator || operator.disabled) throw forbidden();
  if ((await tx.instances.get(operator.instanceId)).state !== 'active') throw forbidden();
  return operator;
}

async function answerStage(asker: Asker, operator: Operator, question: CommandQuestion): Promise<CommandState> {
  const { node, sessionId, request } = question;
  const command = asker.registry.commands.find(({ word }) => word === node);
  if (!command) throw notFound();
  if (!mayUse(asker, command)) throw forbidden();
  if (sessionId === null) return begin(asker, operator, command, request);
  const began = Number.parseInt(SESSION.exec(sessionId)?.[1] ?? '', 36);
  const age = asker.tx.now.getTime() - began;
  // What asks for nothing is over with its first stage.
  if (!(age >= -SKEW_MS) || !command.args) throw badRequest('bad-sessionid');
  if (age > SESSION_MS) throw expired(asker);
  if (request.action === 'prev' || request.action === 'next') throw badRequest('bad-action');
  return goOn(asker, operator, command, sessionId, request);
}

async function begin(
  asker: Asker,
  operator: Operator,
  command: Command,
  request: CommandRequest,
): Promise<CommandState> {
  if (request.action !== 'execute') throw badRequest('bad-sessionid');
  if (request.values !== null) throw badRequest('bad-payload');
  const about = { node: command.word, sessionId: `${asker.tx.now.getTime().toString(36)}.${asker.tx.newId()}` };
  if (!command.args) return { ...about, ...(await outcome(asker, operator, command, '')) };
  const found = await formOf(asker, command);
  return 'form' in found
    ? { ...about, status: 'executing', form: found.form }
    : { ...about, ...completed(asker, [found.text]) };
}

type Ended = Pick<Extract<CommandState, { note: string }>, 'status' | 'note' | 'tone'>;

async function goOn(
  asker: Asker,
  operator: Operator,
  command: Command,
  sessionId: string,
  request: Exclude<CommandRequest, { action: 'prev' } | { action: 'next' }>,
): Promise<CommandState> {
  const { tx } = asker;
  const values = request.action === 'cancel' ? null : request.values;
  if (request.action !== 'cancel' && values === null) throw badRequest('bad-payload');
  const source = `commands:${operator.id}`;
  const requestHash = hashOf(command, values);
  const about = { node: command.word, sessionId };
  const first = await tx.receipts.answer(source, sessionId);
  if (first && !first.requestHash.equals(requestHash)) throw expired(asker);
  if (first) return { ...about, ...(first.body as Ended) };
  const ended: Ended =
    values === null
      ? { status: 'canceled', note: say(asker.operator.language, { key: 'canceled' }), tone: 'info' }
      : await outcome(asker, operator, command, await typed(asker, command, values));
  tx.receipts.keepAnswer(source, sessionId, { requestHash, status: 200, body: ended });
  return { ...about, ...ended };
}

/** The same values are the same request, in whatever order a client sends them. */
function hashOf({ word }: Command, values: ReadonlyMap<string, string> | null): Buffer {
  const sorted = values && [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([word, sorted]))
    .digest();
}

async function typed(asker: Asker, command: Command, values: ReadonlyMap<string, string>): Promise<string> {
  try {
    return await typedFrom(asker, command, values);
  } catch (error) {
    if (error instanceof ArgumentError) throw badRequest('bad-payload', say(asker.operator.language, error.text));
    throw error;
  }
}

async function outcome(asker: Asker, operator: Operator, { word }: Command, rest: string): Promise<Ended> {
  return completed(asker, await answerCommand({ ...asker, operator }, { word, rest }));
}

function completed({ operator }: Asker, texts: readonly Text[]): Ended {
  const note = texts.map((text) => say(operator.language, text)).join('\n');
  const tone = (['error', 'warn'] as const).find((one) => texts.some((text) => text.tone === one)) ?? 'info';
  return { status: 'completed', note, tone };
}

function expired({ operator }: Asker): StanzaRefusal {
  return new StanzaRefusal('not-allowed', 'cancel', 'session-expired', say(operator.language, { key: 'form_over' }));
}
