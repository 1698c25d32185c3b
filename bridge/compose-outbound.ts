import type { Core } from './compose.js';
import type { Registry } from './domain/commands/registry.js';
import { composeMail } from './compose-mail.js';
import type { DueEntry, Outcome } from './domain/outbox/entry.js';
import type { ClaimedLane, GivenUp } from './domain/outbox/lane.js';
import { CommandAnswers } from './outbound/answer-commands.js';
import { AdminClient } from './outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from './outbound/ejabberd/mod-foyer-client.js';
import { Provisioner } from './outbound/ejabberd/provisioner.js';
import { RoomKeeper } from './outbound/ejabberd/room-keeper.js';
import { RosterGroups } from './outbound/ejabberd/roster-groups.js';
import { HelpdeskCourier } from './outbound/helpdesk/courier.js';
import { recordRefused } from './outbound/helpdesk/refused.js';
import type { MailCourier } from './outbound/mail/courier.js';
import { DatabaseSessions } from './outbound/site/site-sessions.js';
import { recordBounce, recordGivenUp, serveAccount } from './outbound/serve-account.js';
import { AccountCourier } from './outbound/xmpp/courier.js';
import { SessionPool, type Fence } from './outbound/xmpp/session-pool.js';
import { programVersion } from './shared/version.js';
import { createAccountPasswords } from './storage/account-passwords.js';
import { siteSessionSettings } from './storage/site-session-settings.js';
import { createRoomPasswords } from './storage/room-passwords.js';
import { createCallbackTargets } from './storage/callback-targets.js';

const PASSWORD_BYTES = 24;

/** Everything that goes out. */
export interface Outbound {
  admin: AdminClient;
  modFoyer: ModFoyerClient;
  sessions: SessionPool;
  callbacks: HelpdeskCourier;
  serveAccount: (lane: ClaimedLane, entries: readonly DueEntry[]) => Promise<Outcome[]>;
  givenUpAccount: (dead: readonly GivenUp[]) => Promise<void>;
  /** Whom sites have logged in. */
  siteSessions: DatabaseSessions;
  /** Null: this bridge sends no mail. */
  mail: MailCourier | null;
  serveHelpdesk: (lane: ClaimedLane, entries: readonly DueEntry[]) => Promise<Outcome[]>;
  givenUpHelpdesk: (dead: readonly GivenUp[]) => Promise<void>;
  close(milliseconds: number): Promise<void>;
}

export function composeOutbound(core: Core, fence: Fence, commands: Registry): Outbound {
  const { settings, clock, ids, log, transactions, pool, box, random } = core;
  const { api_url: url, api_user: user, api_password: password, xmpp_url: service } = settings.ejabberd;
  const admin = new AdminClient({ url, user, password, maxSockets: 32 });
  const modFoyer = new ModFoyerClient(admin);
  const provisioner = new Provisioner({
    ...{ admin, modFoyer, groups: new RosterGroups(admin), log },
    randomPassword: () => ids.secret(PASSWORD_BYTES),
    serviceLocal: settings.ejabberd.service_account,
  });
  const limits = { messageBytes: settings.limits.message_bytes, chatBytes: settings.limits.chat_bytes };
  const answers = new CommandAnswers({ transactions, commands, log, limits });
  const sessions = new SessionPool({
    ...{ server: { service }, clock, log, random, fence },
    onQuestion: (account, stanza) => answers.ask(account, stanza),
    onFailure: (code) => core.metrics.sessionFailures.inc({ code }),
  });
  const rooms = new RoomKeeper({ modFoyer, rooms: createRoomPasswords(pool, box) });
  const courier = new AccountCourier({
    provisioner,
    sessions,
    rooms,
    clock,
    log,
    onBounce: recordBounce(transactions),
  });
  const callbacks = new HelpdeskCourier({
    ...{ clock, ids, targets: createCallbackTargets(pool, box), version: programVersion() },
    timeoutMs: settings.helpdesk.timeout_seconds * 1000,
    allowPrivateAddresses: settings.helpdesk.allow_private_addresses,
    onAnswer: (status, seconds) => core.metrics.callbackSeconds.observe({ status: statusClass(status) }, seconds),
  });
  const siteSessions = new DatabaseSessions({
    ...{ clock, settings: siteSessionSettings(pool, box) },
    onAnswer: (result) => core.metrics.siteSessions.inc({ result }),
    onLost: (what, reason) => core.events.dependencyLost(what, reason),
    onBack: (what) => core.events.dependencyBack(what),
  });
  const mail = composeMail(core);
  return {
    admin,
    callbacks,
    ...{ mail, siteSessions },
    modFoyer,
    sessions,
    serveAccount: serveAccount({
      transactions,
      passwords: createAccountPasswords(pool, box),
      courier,
      isOnline: (id) => sessions.isOnline(id),
    }),
    givenUpAccount: recordGivenUp(transactions),
    serveHelpdesk: (lane, entries) => callbacks.serve(lane, entries),
    givenUpHelpdesk: recordRefused(transactions),
    async close(milliseconds) {
      await sessions.close(milliseconds);
      admin.close();
      callbacks.close();
      mail?.close();
      await siteSessions.close();
    },
  };
}

/** As a label: few values, whatever helpdesks answer. */
function statusClass(status: number | null): string {
  return status === null ? 'none' : `${Math.floor(status / 100)}xx`;
}
