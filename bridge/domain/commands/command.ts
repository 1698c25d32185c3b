import type { Account } from '../accounts/account.js';
import type { Chat } from '../chats/chat.js';
import type { ChatLimits } from '../chats/limits.js';
import type { OperatorMessage } from '../chats/post-operator-message.js';
import type { Operator } from '../operators/operator.js';
import type { Tx } from '../ports.js';
import type { Room } from '../rooms/room.js';
import type { Text, TextKey } from '../texts/say.js';
import type { Argument } from './argument.js';
import type { Registry } from './registry.js';

/** What an operator can type, in any client: everything that the help and the parser need, as data. One file of words/ each. */
export interface Command {
  /** `accept`, typed as `!accept` or `/accept`. */
  readonly word: string;
  readonly aliases?: readonly string[];
  /** What stands behind the word, as the help has it. */
  readonly usage?: string;
  /** The same as data, in the order in which it is typed: the fields of its form. */
  readonly args?: readonly Argument[];
  /** One sentence. */
  readonly help: TextKey;
  /** Is one also among the operators of a group, who begin what they say with any other. */
  readonly inRooms?: true;
  /** Everybody who answers chats, or only who manages departments, or also who monitors them. */
  readonly who: 'operators' | 'supervisors' | 'managers';
  /** Null: all that there is to say was said. */
  readonly run: (call: Call) => Promise<Answer | null>;
}

/** A command as it was typed. */
export interface Call {
  readonly tx: Tx;
  readonly operator: Operator;
  /** Manages one of its departments at least. */
  readonly manager: boolean;
  /** Monitors or manages one of its departments at least. */
  readonly supervisor: boolean;
  /** What it was typed to: a visitor's contact, or the service account. */
  readonly account: Account;
  /** The newest chat of the contact that it was typed to; locked. Undefined at the service account. */
  readonly chat: Chat | undefined;
  /** Where it was typed; locked. Undefined at a contact and the service account. */
  readonly room?: Room | undefined;
  /** Everything behind the word. */
  readonly rest: string;
  readonly registry: Registry;
  /** The message that it came by: what the command says to the visitor in its place goes the same way. */
  readonly sent: OperatorMessage;
  readonly limits: ChatLimits;
}

/** One text for each line. */
export type Answer = Text | readonly Text[];
