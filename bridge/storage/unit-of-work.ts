import type { Tx } from '../domain/ports.js';
import type { AccountState } from '../domain/accounts/account.js';
import type { Chat } from '../domain/chats/chat.js';
import type { Instance } from '../domain/instances/instance.js';
import type { MailRules } from '../domain/mail/mail-store.js';
import type { Happening } from '../domain/happenings.js';
import type { Operator } from '../domain/operators/operator.js';
import type { Message } from '../domain/chats/message.js';
import type { Visitor } from '../domain/visitors/visitor.js';
import type { Ids } from '../shared/ids.js';
import type { SecretBox } from '../shared/box.js';
import { accountStore, accountStateUpdates } from './account-store.js';
import { apiKeyStore } from './api-key-store.js';
import { auditLog } from './audit-store.js';
import { banStore } from './ban-store.js';
import { chatStore, chatUpdates } from './chat-store.js';
import { deadLetterStore } from './dead-letter-store.js';
import { deskPorts } from './desk-ports.js';
import { deskStore } from './desk-store.js';
import { feedStore } from './feed-store.js';
import { instanceStore } from './instance-store.js';
import { mailStore } from './mail-store.js';
import { messageStore } from './message-store.js';
import { operatorSessionStore } from './operator-session-store.js';
import { operatorStore } from './operator-store.js';
import { outboxStore } from './outbox-store.js';
import { queueStore } from './queue-store.js';
import { progressUpdates, type Progress } from './progress.js';
import { runTogether, type PoolConnection, type ResultSetHeader, type Row, type Statement } from './pool.js';
import { receiptStore } from './receipt-store.js';
import { reminderStore } from './reminder-store.js';
import { roomStore } from './room-store.js';
import { supervisionStore } from './supervision-store.js';
import { Tracked } from './tracked.js';
import { transcriptStore } from './transcript-store.js';
import { visitorStore, visitorUpdates } from './visitor-store.js';

/** What stores need beside the connection. */
export interface StorageDeps {
  ids: Ids;
  box: SecretBox;
  /** Null: this bridge sends no mail. */
  mail: MailRules | null;
  /** Links to pages of this bridge begin with it: no slash at the end. */
  publicUrl: string;
  /** The conference service that rooms are made on, `{host}` standing for the host; `conference.{host}` when absent. */
  roomsService?: string | undefined;
}

/** Told after the commit: pages to wake, lanes to serve, what the log should say. */
export interface CommitEffects {
  wokenVisitors: Set<number>;
  /** Visitors whose token holds no longer. */
  revokedVisitors: readonly number[];
  touchedLanes: Set<string>;
  happenings: readonly Happening[];
  /** Instances whose queues have changed. */
  queues: Set<number>;
}

/** Writes collected during the transaction. Each is an array, so that a work can be taken back by cutting it to its old length. */
export interface Pending {
  receipts: unknown[][];
  messages: unknown[][];
  feed: unknown[][];
  participants: unknown[][];
  lanes: unknown[][];
  outbox: unknown[][];
  progress: Progress[];
  accountStates: { id: number; state: AccountState }[];
  /** Single statements, in order. */
  statements: Statement[];
  woken: number[];
  revoked: number[];
  /** Instances that the dispatcher should look at. */
  queues: number[];
  happenings: Happening[];
}

/**
 * One transaction. Rows are locked and changed in place, appends are collected, and `commit` writes all with a handful of multi-row statements:
 * that is what lets one commit carry hundreds of messages.
 */
export class UnitOfWork {
  readonly chats = new Tracked<Chat>();
  readonly visitors = new Tracked<Visitor>();
  readonly pending: Pending = {
    ...{ receipts: [], messages: [], feed: [], participants: [], lanes: [], outbox: [] },
    ...{ progress: [], accountStates: [], statements: [], woken: [], revoked: [], queues: [], happenings: [] },
  };
  /** Messages looked up beforehand by `chat sender-key`; an empty list says that there is none. */
  readonly readKeys = new Map<string, Message[]>();
  readonly operators = new Map<number, Operator | undefined>();
  readonly instances = new Map<number, Instance>();
  readonly tx: Tx;
  private readonly takenBack: (() => void)[] = [];
  private begun = false;
  private attempt: { lengths: Map<unknown[], number>; savepoint: boolean } | null = null;

  constructor(
    readonly connection: PoolConnection,
    readonly deps: StorageDeps,
    readonly now: Date,
  ) {
    this.tx = {
      now,
      instances: instanceStore(this),
      accounts: accountStore(this),
      operators: operatorStore(this),
      operatorSessions: operatorSessionStore(this),
      visitors: visitorStore(this),
      chats: chatStore(this),
      queue: queueStore(this),
      messages: messageStore(this),
      rooms: roomStore(this),
      feed: feedStore(this),
      outbox: outboxStore(this),
      receipts: receiptStore(this),
      desks: deskStore(this),
      ...deskPorts(this),
      deadLetters: deadLetterStore(this),
      audit: auditLog(this),
      apiKeys: apiKeyStore(this),
      transcripts: transcriptStore(this),
      supervision: supervisionStore(this),
      bans: banStore(this),
      mail: mailStore(this),
      reminders: reminderStore(this),
      newId: () => deps.ids.ulid(),
      report: (happening) => void this.pending.happenings.push(happening),
    };
  }

  async select(sql: string, values: unknown[] = []): Promise<Row[]> {
    const [found = []] = await this.selectTogether([{ sql, values }]);
    return found;
  }

  /** Reads by one round trip; the rows of each. */
  async selectTogether(statements: readonly Statement[]): Promise<Row[][]> {
    return (await this.together(statements)) as Row[][];
  }

  /** For a row whose id is needed at once; everything else waits for the commit. */
  async insert(sql: string, values: unknown[]): Promise<number> {
    return ((await this.writeTogether([{ sql, values }])).at(-1) as ResultSetHeader).insertId;
  }

  /** A write that must have happened before later reads of the same transaction. */
  async write(sql: string, values: unknown[]): Promise<void> {
    await this.writeTogether([{ sql, values }]);
  }

  /** Such writes, and reads of what they wrote, by one round trip. */
  async writeTogether(statements: readonly Statement[]): Promise<(Row[] | ResultSetHeader)[]> {
    if (this.attempt === null || this.attempt.savepoint) return this.together(statements);
    this.attempt.savepoint = true;
    const [, ...results] = await this.together([{ sql: 'SAVEPOINT work', values: [] }, ...statements]);
    return results;
  }

  /** Called when a work was taken back: what it had read and changed holds no longer. */
  onTakenBack(forget: () => void): void {
    this.takenBack.push(forget);
  }

  later(sql: string, values: unknown[]): void {
    this.pending.statements.push({ sql, values });
  }

  /** Runs one work of several in this transaction; if it throws, what it did is taken back and the others are not touched. */
  async part<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const lists: unknown[][] = Object.values(this.pending);
    this.attempt = { lengths: new Map(lists.map((list) => [list, list.length])), savepoint: false };
    this.chats.mark();
    this.visitors.mark();
    try {
      const result = await work(this.tx);
      this.chats.keep();
      this.visitors.keep();
      return result;
    } catch (error) {
      for (const [list, length] of this.attempt.lengths) list.length = length;
      this.chats.takeBack();
      this.visitors.takeBack();
      for (const forget of this.takenBack) forget();
      // If this fails too the transaction is over, and the first error says why.
      if (this.attempt.savepoint)
        await this.together([{ sql: 'ROLLBACK TO SAVEPOINT work', values: [] }]).catch(() => undefined);
      throw error;
    } finally {
      this.attempt = null;
    }
  }

  /** Writes everything that was collected, and commits. */
  async commit(): Promise<CommitEffects> {
    const { messages, outbox, lanes, woken, revoked, happenings, queues } = this.pending;
    const statements = this.collected();
    if (this.begun || statements.length > 0) {
      statements.push({ sql: 'COMMIT', values: [] });
      const length = [...messages.map((values) => values[5]), ...outbox.map((values) => values[1])].reduce<number>(
        (sum, text) => sum + (text as string).length,
        0,
      );
      if (length < TOGETHER_AT_MOST) await this.together(statements);
      else for (const statement of statements) await this.together([statement]);
    }
    const touchedLanes = new Set(lanes.map((lane) => lane[0] as string));
    return {
      ...{ wokenVisitors: new Set(woken), revokedVisitors: revoked, touchedLanes, happenings },
      queues: new Set(queues),
    };
  }

  /** Rows before appends, lanes before their entries: the same order in every transaction. */
  private collected(): Statement[] {
    const { receipts, messages, feed, participants, lanes, outbox, statements } = this.pending;
    // One row a lane, in one order, or two transactions could wait for each other.
    const uniqueLanes = [...new Map(lanes.map((lane) => [lane[0] as string, lane])).values()].sort(byName);
    return [
      ...insertMany('INSERT INTO receipts (source, id, received_at) VALUES ?', receipts),
      ...visitorUpdates(this),
      ...chatUpdates(this),
      ...insertMany(
        'INSERT INTO messages (chat_id, number, instance_id, sender, operator_id, text, sender_key, stanza_id, markable, unstyled, author_name, created_at, archive_id) VALUES ?',
        messages,
      ),
      ...statements,
      ...progressUpdates(this),
      ...accountStateUpdates(this),
      ...insertMany('INSERT INTO feed (chat_id, number, kind, data, created_at) VALUES ?', feed),
      ...insertMany(
        'INSERT INTO chat_participants (chat_id, operator_id, role, sent_number, joined_at) VALUES ? ' +
          'ON DUPLICATE KEY UPDATE role = VALUES(role), sent_number = GREATEST(sent_number, VALUES(sent_number))',
        participants,
      ),
      ...insertMany(
        'INSERT INTO lanes (name, target, instance_id, account_id, pushed, due_at) VALUES ? ' +
          'ON DUPLICATE KEY UPDATE pushed = pushed + 1, due_at = IFNULL(due_at, NOW(3))',
        uniqueLanes.map((lane) => [...lane, 1, EPOCH]),
      ),
      ...insertMany('INSERT INTO outbox (lane, entry, instance_id, created_at) VALUES ?', outbox),
    ];
  }

  /** By one round trip, which begins the transaction if it is the first. */
  private async together(statements: readonly Statement[]): Promise<(Row[] | ResultSetHeader)[]> {
    if (this.begun) return runTogether(this.connection, statements);
    this.begun = true;
    const [, ...results] = await runTogether(this.connection, [
      { sql: 'START TRANSACTION', values: [] },
      ...statements,
    ]);
    return results;
  }
}

function insertMany(sql: string, values: unknown[][]): Statement[] {
  const statements: Statement[] = [];
  for (let i = 0; i < values.length; i += ROWS_A_STATEMENT)
    statements.push({ sql, values: [values.slice(i, i + ROWS_A_STATEMENT)] });
  return statements;
}

function byName(a: unknown[], b: unknown[]): number {
  return (a[0] as string) < (b[0] as string) ? -1 : 1;
}

/** A new lane is due at once, whatever the two clocks say. */
const EPOCH = new Date('2000-01-01T00:00:00Z');

/** Keeps a statement below the server's `max_allowed_packet` (16 MB) with 30 KB messages. */
const ROWS_A_STATEMENT = 400;

/** Characters of text that travel with all else in one packet, for the same reason. */
const TOGETHER_AT_MOST = 1_000_000;
