import type { Client } from '../../domain/bans/ban.js';
import type { ChatLimits } from '../../domain/chats/limits.js';
import type { Transactions } from '../../domain/ports.js';
import type { Reads, Wake } from '../../domain/reads.js';
import type { SiteSessions } from '../../domain/visitors/site-session.js';
import type { Ids } from '../../shared/ids.js';
import type { Limits } from '../http/limits.js';

export interface VisitorApiDeps {
  transactions: Transactions;
  reads: Reads;
  wake: Wake;
  ids: Ids;
  limits: Limits;
  siteSessions: SiteSessions;
  chatLimits: ChatLimits;
  hardTimeoutSeconds: number;
  tokenDays: number;
  /** The bridge's own: the widget's frame calls from there. */
  ownOrigins: ReadonlySet<string>;
  /** Whether this bridge sends mail. */
  mail: boolean;
  hashToken: (token: string) => Buffer;
  /** What the record may say of the address that a page calls from. */
  clientOf: (address: string) => Client;
  /** Aborted when the bridge shuts down: open listens end, so that pages come back to another process. */
  shutdown: AbortSignal;
}
