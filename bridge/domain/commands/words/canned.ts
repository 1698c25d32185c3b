import type { Account } from '../../accounts/account.js';
import { fillReply, repliesFor, type CannedReply } from '../../canned-replies/canned-reply.js';
import { postOperatorMessage } from '../../chats/post-operator-message.js';
import { refusal, type Text } from '../../texts/say.js';
import type { Visitor } from '../../visitors/visitor.js';
import type { Asker, Option } from '../argument.js';
import { ownChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Answer, Call, Command } from '../command.js';
import { nearestNames } from '../nearest-names.js';
import { takeNumber } from '../parse-command.js';

/** Replies of one line. */
const AT_ONCE = 5;
/** Names that are suggested for one that there isn't. */
const NEAREST = 3;

/** Nothing that the operator's client could correct, or wants to hear of. */
const UNNAMED = { stanzaId: '', receiptRequested: false, markable: false };

export const command: Command = {
  word: 'canned',
  usage: '[name …]',
  args: [
    ownChat,
    { name: 'reply', label: 'arg_reply', type: 'choice', required: true, none: 'canned_none', options: replies },
  ],
  help: 'help_canned',
  who: 'operators',
  run: send,
};

/** All names that were typed, or none of them: as if the operator had typed their texts. */
async function send(call: Call): Promise<Answer | null> {
  const { tx, operator } = call;
  const { rest } = takeNumber(call.rest);
  const names = rest.split(/\s+/).filter((name) => name !== '');
  const all = await tx.cannedReplies.list(operator.instanceId);
  const own = await tx.operators.departments(operator.id);
  if (names.length === 0) return list(repliesFor(all, call.chat ? [call.chat.departmentId] : own));
  const place = await placeOf(call);
  if ('text' in place) return place.text;
  const there = repliesFor(all, place.departmentId === undefined ? own : [place.departmentId]);
  const found: CannedReply[] = [];
  for (const name of names) {
    const reply = there.find((one) => one.name === name.toLowerCase());
    if (!reply) return unknown(name, there);
    found.push(reply);
  }
  if (found.length > AT_ONCE) return refusal('canned_usage', { most: AT_ONCE });
  const { account, visitor } = place;
  const values = { nick: visitor?.nick ?? null, operator: operator.name, page: visitor?.pageUrl ?? null };
  const said: string[] = [];
  for (const [i, reply] of found.entries()) {
    const text = fillReply(reply, visitor?.language ?? null, values);
    const { senderKey, writtenAt } = call.sent;
    const sent = { text, senderKey: `${senderKey}:${i}`, writtenAt, ...UNNAMED };
    // What can't be sent, the operator has been told by then.
    if (!(await postOperatorMessage(tx, call.limits, account, operator, sent))) return null;
    said.push(text);
  }
  return { key: 'canned_sent', values: { text: said.join('\n') } };
}

/** Those of the departments that the operator is in. */
async function replies({ tx, operator }: Asker): Promise<Option[]> {
  const all = await tx.cannedReplies.list(operator.instanceId);
  return repliesFor(all, await tx.operators.departments(operator.id)).map(({ name }) => ({ value: name, label: name }));
}

type Place = { account: Account; departmentId: number | undefined; visitor: Visitor | undefined } | { text: Text };

/** The contact that it was typed to, or that of the chat that was meant. */
async function placeOf(call: Call): Promise<Place> {
  const { tx, account, operator } = call;
  if (account.kind !== 'service' && takeNumber(call.rest).number === null) {
    const { chat } = call;
    const visitor = chat ? await tx.visitors.peek(chat.visitorId) : await tx.visitors.byAccount(account.id);
    return { account, departmentId: chat?.departmentId, visitor };
  }
  const chosen = await chooseChat(call, 'canned', () => tx.operators.openChats(operator.id));
  if ('text' in chosen) return chosen;
  const { accountId, departmentId, visitorId, number } = chosen.chat;
  const own = await tx.accounts.get(accountId);
  const visitor = await tx.visitors.peek(visitorId);
  return own ? { account: own, departmentId, visitor } : { text: refusal('no_such_chat', { number }) };
}

function list(replies: readonly CannedReply[]): Answer {
  if (replies.length === 0) return { key: 'canned_none' };
  return { key: 'canned_names', values: { names: replies.map(({ name }) => name).join(', ') } };
}

function unknown(name: string, there: readonly CannedReply[]): Answer {
  const names = nearestNames(
    name,
    there.map((reply) => reply.name),
    NEAREST,
  );
  return names.length === 0
    ? refusal('canned_unknown', { name })
    : refusal('canned_nearest', { name, names: names.join(', ') });
}
