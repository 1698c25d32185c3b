import type { ChatLimits } from '../../domain/chats/limits.js';
import type { Registry } from '../../domain/commands/registry.js';
import type { HelpdeskReads } from '../../domain/helpdesk-reads.js';
import type { HostingStore } from '../../domain/instances/hosting.js';
import type { CallbackTest } from '../../domain/instances/callback.js';
import type { HashSecret } from '../../domain/operators/page-session.js';
import type { Transactions } from '../../domain/ports.js';
import type { PageSessions, Reads, Wake } from '../../domain/reads.js';
import type { RoomReads } from '../../domain/rooms/reads.js';
import type { StatisticsReads } from '../../domain/statistics.js';
import type { SupervisionReads } from '../../domain/supervision/overview.js';
import type { TranscriptReads } from '../../domain/transcripts/transcript.js';
import type { Ids } from '../../shared/ids.js';
import type { Limits } from '../http/limits.js';

export interface HelpdeskApiDeps {
  transactions: Transactions;
  reads: Reads;
  helpdeskReads: HelpdeskReads;
  transcriptReads: TranscriptReads;
  statisticsReads: StatisticsReads;
  roomReads: RoomReads;
  supervisionReads: SupervisionReads;
  pageSessions: Pick<PageSessions, 'supervisors'>;
  wake: Wake;
  ids: Ids;
  /** What operators can type. */
  commands: Registry;
  chatLimits: ChatLimits;
  limits: Pick<Limits, 'messagesOf'>;
  hardTimeoutSeconds: number;
  /** Localpart of the service account. */
  serviceLocal: string;
  /** Names on ejabberd that no operator may get: the service account, the account of the admin API. */
  reservedNames: ReadonlySet<string>;
  /** Whether callbacks may go to private networks, and without TLS. */
  allowPrivateCallbacks: boolean;
  hashSecret: HashSecret;
  /** Whether there is an operators' page. */
  operatorPage: boolean;
  hosting: HostingStore;
  /** ejabberd's virtual hosts that instances may be on; the first where nothing else is said. */
  hosts: readonly [string, ...string[]];
  /** Where callbacks of new instances go where nothing else is said; holds `{instance}`. */
  callbackPattern: string | undefined;
  testCallback: (instanceId: number) => Promise<CallbackTest>;
  /** Aborted when the bridge shuts down: calls that wait answer with what there is. */
  shutdown: AbortSignal;
}
