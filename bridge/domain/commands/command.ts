import type { Chat } from '../chats/chat.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { Text, TextKey } from '../texts/say.js';
import type { Registry } from './registry.js';

/** What an operator can type, in any client: everything that the help and the parser need, as data. One file of words/ each. */
export interface Command {
  /** `accept`, typed as `!accept` or `/accept`. */
  readonly word: string;
  readonly aliases?: readonly string[];
  /** What stands behind the word. */
  readonly usage?: string;
  /** One sentence. */
  readonly help: TextKey;
  /** Everybody who answers chats, or only who manages the departments. */
  readonly who: 'operators' | 'managers';
  readonly run: (call: Call) => Promise<Answer>;
}

/** A command as it was typed. */
export interface Call {
  readonly tx: Tx;
  readonly operator: Operator;
  /** Manages one of its departments at least. */
  readonly manager: boolean;
  /** The newest chat of the contact that it was typed to; locked. Undefined at the service account. */
  readonly chat: Chat | undefined;
  /** Everything behind the word. */
  readonly rest: string;
  readonly registry: Registry;
}

/** One text for each line. */
export type Answer = Text | readonly Text[];
