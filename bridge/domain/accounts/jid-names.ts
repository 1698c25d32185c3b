import { MAIN_INSTANCE } from '../instances/instance.js';

/** What a visitor-side localpart stands for. `id` is the visitor's id, or the chat's for an account that only stands for one chat. */
export interface VisitorName {
  kind: 'visitor' | 'chat';
  id: number;
  instance: string;
}

/** Instance names; `chat` would make two localparts mean the same, `main` is never written. */
const INSTANCE = /^[a-z][a-z0-9-]{0,31}$/;
/** Ids without leading zeros, small enough for a number. */
const NAME = /^visitor\.([1-9][0-9]{0,14})(\.chat)?(?:\.([a-z][a-z0-9-]{0,31}))?$/;

export function isInstanceName(name: string): boolean {
  return INSTANCE.test(name) && name !== 'chat';
}

/**
 * `visitor.12`, `visitor.7.chat`, `visitor.12.shop`, `visitor.7.chat.shop`.
 * @throws RangeError on what `parseVisitorLocal` wouldn't give back
 */
export function visitorLocal({ kind, id, instance }: VisitorName): string {
  if (!Number.isSafeInteger(id) || id < 1 || id >= 1e15) throw new RangeError(`${id} is no id of a visitor or chat`);
  return `visitor.${id}${kind === 'chat' ? '.chat' : ''}${suffix(instance)}`;
}

/** Ids from here on are those of accounts of pools: no visitor's ever comes so far. */
const POOLS = 900_000_000_000_000;

/** An account that stands for one visitor after the other: named like a visitor's, which is what it is. */
export function poolLocal(id: number, instance: string): string {
  return visitorLocal({ kind: 'visitor', id: POOLS + id, instance });
}

/** The reverse of `visitorLocal`; null for every other localpart. Takes the nodeprep form (lower case), as ejabberd gives it. */
export function parseVisitorLocal(local: string): VisitorName | null {
  const match = NAME.exec(local);
  if (!match) return null;
  const [, digits, chat, instance] = match;
  if (instance === 'chat' || instance === MAIN_INSTANCE) return null;
  return { kind: chat === undefined ? 'visitor' : 'chat', id: Number(digits), instance: instance ?? MAIN_INSTANCE };
}

/**
 * `anna` in main, `anna.shop` in the instance shop.
 * @throws RangeError when there can be no instance of this name
 */
export function operatorLocal(name: string, instance: string): string {
  return name + suffix(instance);
}

/**
 * Shared roster groups of an instance: `visitors`, `operators.shop`.
 * @throws RangeError when there can be no instance of this name
 */
export function rosterGroup(kind: 'visitors' | 'operators', instance: string): string {
  return kind + suffix(instance);
}

function suffix(instance: string): string {
  if (!isInstanceName(instance)) throw new RangeError(`There can be no instance “${instance}”`);
  return instance === MAIN_INSTANCE ? '' : `.${instance}`;
}
