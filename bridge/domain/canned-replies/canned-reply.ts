import { FoyerError } from '../../shared/errors.js';
import { cleanText } from '../../shared/text.js';
import type { Tx } from '../ports.js';

/** A text that operators send by its name. */
export interface CannedReply {
  readonly id: number;
  readonly instanceId: number;
  /** Null: for every department. One of a department takes the place of the one that all have. */
  readonly departmentId: number | null;
  /** In lower case, begins with a letter: never taken for a chat's number. */
  readonly name: string;
  readonly text: string;
  /** The text in other languages, by language tag in lower case. */
  readonly translations: Readonly<Record<string, string>>;
}

/** Of an instance. */
export const REPLIES_AT_MOST = 500;
/** Characters of each text. */
export const REPLY_LENGTH = 4_000;
export const TRANSLATIONS_AT_MOST = 20;
export const REPLY_NAME = /^\p{L}[\p{L}\p{N}_-]{0,39}$/u;

/** What stands in a text for what differs by chat. */
export const PLACEHOLDERS = ['nick', 'operator', 'page'] as const;

export interface CannedReplyStore {
  /** In the order of their names, those for every department first. */
  list(instanceId: number): Promise<CannedReply[]>;
  create(reply: Omit<CannedReply, 'id'>): Promise<CannedReply>;
  update(reply: CannedReply): Promise<void>;
  delete(id: number): Promise<void>;
}

type Fields = Pick<CannedReply, 'departmentId' | 'name' | 'text' | 'translations'>;

/**
 * @throws FoyerError `conflict` when there is one of this name, or the instance has `REPLIES_AT_MOST` | `not_found` when there is no such department |
 * `invalid_request` for a text that is empty or has an unknown placeholder
 */
export async function createReply(tx: Tx, instanceId: number, fields: Fields): Promise<CannedReply> {
  const all = await lockReplies(tx, instanceId);
  if (all.length >= REPLIES_AT_MOST)
    throw new FoyerError('conflict', `There are ${REPLIES_AT_MOST} canned replies at most.`, {
      limit: REPLIES_AT_MOST,
    });
  const reply = { instanceId, ...(await checked(tx, instanceId, fields)) };
  refuseSecond(all, reply);
  return tx.cannedReplies.create(reply);
}

/** What is absent stays as it is. @throws FoyerError like `createReply`, and `not_found` when there is no such reply */
export async function changeReply(
  tx: Tx,
  instanceId: number,
  id: number,
  change: { [K in keyof Fields]?: Fields[K] | undefined },
): Promise<CannedReply> {
  const all = await lockReplies(tx, instanceId);
  const before = all.find((reply) => reply.id === id);
  if (!before) throw new FoyerError('not_found', 'There is no such canned reply.');
  const { departmentId = before.departmentId, name = before.name } = change;
  const { text = before.text, translations = before.translations } = change;
  const after = { ...before, ...(await checked(tx, instanceId, { departmentId, name, text, translations })) };
  refuseSecond(
    all.filter((reply) => reply !== before),
    after,
  );
  await tx.cannedReplies.update(after);
  return after;
}

/** @throws FoyerError `not_found` */
export async function deleteReply(tx: Tx, instanceId: number, id: number): Promise<void> {
  const all = await lockReplies(tx, instanceId);
  if (!all.some((reply) => reply.id === id)) throw new FoyerError('not_found', 'There is no such canned reply.');
  await tx.cannedReplies.delete(id);
}

/** The replies for chats of these departments: for each name the department's own, else the one that all have. */
export function repliesFor(all: readonly CannedReply[], departmentIds: readonly number[]): CannedReply[] {
  const byName = new Map<string, CannedReply>();
  for (const reply of all) {
    const own = reply.departmentId !== null;
    if (own && !departmentIds.includes(reply.departmentId)) continue;
    if (own || !byName.has(reply.name)) byName.set(reply.name, reply);
  }
  return [...byName.values()];
}

/** The text in the visitor's language, or else the one that it was written in; `de` serves `de-AT`. A value that is unknown leaves no gap. */
export function fillReply(
  { text, translations }: CannedReply,
  language: string | null,
  values: Readonly<Record<(typeof PLACEHOLDERS)[number], string | null>>,
): string {
  const tag = language?.toLowerCase() ?? '';
  const chosen = translations[tag] ?? translations[tag.split('-')[0] ?? ''] ?? text;
  return chosen.replace(/( ?)\{(nick|operator|page)\}/g, (_, space: string, name: keyof typeof values) => {
    const value = values[name] ?? '';
    return value === '' ? '' : space + value;
  });
}

/** One at a time changes them, so that two names can't become the same. */
async function lockReplies(tx: Tx, instanceId: number): Promise<CannedReply[]> {
  await tx.queue.lock(instanceId);
  return tx.cannedReplies.list(instanceId);
}

async function checked(tx: Tx, instanceId: number, fields: Fields): Promise<Fields> {
  const { departmentId } = fields;
  if (departmentId !== null && !(await tx.desks.department(instanceId, departmentId)))
    throw new FoyerError('not_found', `There is no department ${departmentId}.`, { department: departmentId });
  const translations = Object.entries(fields.translations).map(([tag, text]) => [tag.toLowerCase(), usable(text)]);
  return {
    departmentId,
    name: fields.name.toLowerCase(),
    text: usable(fields.text),
    translations: Object.fromEntries(translations) as Record<string, string>,
  };
}

/** A slip in a placeholder would be read by every visitor. */
function usable(text: string): string {
  const clean = cleanText(text).trim();
  if (clean === '') throw new FoyerError('invalid_request', 'The text is empty.');
  for (const [whole, name = ''] of clean.matchAll(/\{(\w+)\}/g))
    if (!PLACEHOLDERS.some((known) => known === name))
      throw new FoyerError('invalid_request', `There is no ${whole}; there are {${PLACEHOLDERS.join('}, {')}}.`);
  return clean;
}

function refuseSecond(others: readonly CannedReply[], { name, departmentId }: Fields): void {
  if (others.some((other) => other.name === name && other.departmentId === departmentId))
    throw new FoyerError('conflict', `There is a canned reply “${name}”.`);
}
