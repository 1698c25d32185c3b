import { assertNever } from '../../shared/assert-never.js';
import type { Clock } from '../../shared/clock.js';
import { bareJid, type Account, type AccountWithPassword } from '../../domain/accounts/account.js';
import type { DueEntry, Outcome } from '../../domain/outbox/entry.js';
import { EjabberdError } from '../ejabberd/admin-errors.js';
import type { Provisioner } from '../ejabberd/provisioner.js';
import type { Bounce } from './incoming.js';
import { planLane, type RoomStepEntry, type Step } from './lane-plan.js';
import type { Log } from './log.js';
import type { RoomKeeper } from '../ejabberd/room-keeper.js';
import { splitJid } from '../../shared/jid.js';
import { DONE, isRefusedLogin, outcomeOf } from './outcomes.js';
import type { SessionPool } from './session-pool.js';
import { invitationStanza, stanzaFor } from './stanzas.js';

export interface AccountCourierDeps {
  provisioner: Pick<Provisioner, 'provision' | 'lock' | 'remove' | 'rename' | 'forget' | 'removeGroups'>;
  sessions: Pick<SessionPool, 'listen' | 'ensureOnline' | 'goOffline' | 'send' | 'forgive' | 'join' | 'leave'>;
  rooms: Pick<RoomKeeper, 'make' | 'destroy' | 'admit' | 'dismiss' | 'putOut'>;
  clock: Pick<Clock, 'now'>;
  log: Log;
  /** A message came back: the operator's server or mod_foyer refused it. */
  onBounce: (account: Account, messageId: string, condition: string, text: string) => void | Promise<void>;
}

/** What happened at a step: all of it done, or the position at which it stopped and why. */
type StepResult = { failedAt: number; error: unknown } | null;

/** Carries out what is due in the lanes of XMPP accounts. */
export class AccountCourier {
  constructor(private readonly deps: AccountCourierDeps) {
    deps.sessions.listen({
      bounced: (account, bounce) => void this.#bounced(account, bounce),
      refused: (account) => void this.#healInBackground(account),
    });
  }

  /**
   * The entries of one account's lane, in order; one outcome each. What follows a `retry` is `retry` too, so that nothing
   * overtakes. Messages that follow each other are all on their way at once, and done when the server has acknowledged them.
   * An account that the server refuses is provisioned again, once a call.
   */
  async deliverAccountLane(account: AccountWithPassword, entries: readonly DueEntry[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = entries.map(() => DONE);
    let healed = false;
    let steps = planLane(entries, this.deps.clock.now());
    for (let step = steps.shift(); step; step = steps.shift()) {
      const result = await this.#run(account, step);
      if (!result) {
        continue;
      }
      if (isRefusedLogin(result.error) && !healed) {
        healed = true;
        const error = await this.#heal(account);
        if (error === null) {
          steps = [rest(step, result.failedAt), ...steps];
          continue;
        }
        result.error = error;
      }
      const outcome = this.#outcome(account, result.error);
      if (outcome.result === 'retry') {
        return outcomes.map((one, position) => (position < result.failedAt ? one : outcome));
      }
      for (const position of 'positions' in step ? step.positions : [result.failedAt]) {
        outcomes[position] = outcome;
      }
      steps = step.do === 'send' ? [rest(step, result.failedAt + 1), ...steps] : steps;
    }
    return outcomes;
  }

  async #run(account: AccountWithPassword, step: Step): Promise<StepResult> {
    switch (step.do) {
      case 'send':
        return this.#send(account, step.stanzas);
      case 'presence':
        return attempt(step.positions[0] ?? 0, () => this.deps.sessions.ensureOnline(account, step.entry));
      case 'account':
        return attempt(step.position, () => this.#changeAccount(account, step.entry));
      case 'rooms':
        return attempt(step.positions[0] ?? 0, () => this.#changeRooms(account, step));
      case 'room':
        return attempt(step.position, () => this.#aboutRoom(account, step.entry));
      case 'skip':
        return null;
      default:
        return assertNever(step);
    }
  }

  async #send(account: AccountWithPassword, stanzas: Extract<Step, { do: 'send' }>['stanzas']): Promise<StepResult> {
    const sending = stanzas.map(({ entry }) => this.deps.sessions.send(account, stanzaFor(entry)));
    const results = await Promise.allSettled(sending);
    for (const [i, result] of results.entries()) {
      if (result.status === 'rejected') {
        return { failedAt: stanzas[i]?.position ?? 0, error: result.reason };
      }
    }
    return null;
  }

  async #changeAccount(account: AccountWithPassword, entry: Extract<Step, { do: 'account' }>['entry']): Promise<void> {
    switch (entry.kind) {
      case 'account.provision':
        await this.deps.provisioner.provision(account);
        return;
      case 'account.lock':
        await this.deps.provisioner.lock(account);
        return;
      case 'groups.remove':
        await this.deps.provisioner.removeGroups(account.host, entry.instance);
        return;
      case 'account.remove':
        await this.deps.sessions.goOffline(account.id);
        await this.deps.provisioner.remove(account);
        return;
      case 'archive.forget':
        await this.deps.provisioner.forget(account, entry.operator);
        return;
      case 'account.rename':
        await this.deps.provisioner.rename(account, entry.name);
        return;
      case 'xmpp.offline':
        await this.deps.sessions.goOffline(account.id);
        return;
      default:
        assertNever(entry);
    }
  }

  async #changeRooms(account: AccountWithPassword, { what, rooms }: Extract<Step, { do: 'rooms' }>): Promise<void> {
    if (what === 'room.make') return this.deps.rooms.make(account.host, rooms);
    for (const room of rooms) await this.deps.sessions.leave(account.id, room);
    return this.deps.rooms.destroy(account.host, rooms);
  }

  async #aboutRoom(account: AccountWithPassword, entry: RoomStepEntry): Promise<void> {
    const { rooms, sessions } = this.deps;
    switch (entry.kind) {
      case 'room.invite': {
        const { to, id, body, what = 'admit' } = entry;
        const seat = await rooms.admit(account.host, entry.room, splitJid(to).local, what);
        if (seat) await sessions.send(account, invitationStanza(to, id, body, seat.room, seat.password));
        return;
      }
      case 'room.dismiss':
        return rooms.dismiss(account.host, entry.room, entry.user);
      case 'room.put-out':
        return rooms.putOut(account.host, entry.room, entry.user, entry.how, entry.reason);
      case 'room.join': {
        const seat = await rooms.admit(account.host, entry.room, account.local);
        if (seat) await sessions.join(account, entry.room, { ...seat, nick: entry.nick });
        return;
      }
      case 'room.leave':
        return sessions.leave(account.id, entry.room);
      default:
        assertNever(entry);
    }
  }

  /** Null when the account is right again, else why not. */
  async #heal(account: AccountWithPassword): Promise<unknown> {
    this.deps.log.warn({ account: bareJid(account) }, 'ejabberd refuses the account: provisioning it again');
    try {
      await this.deps.provisioner.provision(account);
      return null;
    } catch (error) {
      return error;
    }
  }

  /** An ejabberd that has only just started refuses accounts that it doesn't know yet, and its API may not be there either. */
  async #healInBackground(account: AccountWithPassword): Promise<void> {
    const error = await this.#heal(account);
    if (error !== null) {
      this.deps.log.warn({ account: bareJid(account), reason: outcomeOf(error) }, 'provisioning again failed');
    }
    if (error === null || (error instanceof EjabberdError && error.code === 'unreachable')) {
      this.deps.sessions.forgive(account.id);
    }
  }

  async #bounced(account: Account, { id, condition, text }: Bounce): Promise<void> {
    this.deps.log.info({ account: bareJid(account), id, condition }, 'message came back');
    try {
      await this.deps.onBounce(account, id, condition, text);
    } catch (error) {
      this.deps.log.error(
        { account: bareJid(account), id, reason: String(error) },
        'message that came back not recorded',
      );
    }
  }

  #outcome(account: Account, error: unknown): Outcome {
    const outcome = outcomeOf(error);
    if (outcome.result === 'dead') {
      this.deps.log.error({ account: bareJid(account), reason: outcome.reason }, 'entry of the account lane is dead');
    }
    return outcome;
  }
}

async function attempt(position: number, work: () => Promise<void>): Promise<StepResult> {
  try {
    await work();
    return null;
  } catch (error) {
    return { failedAt: position, error };
  }
}

/** What is left of a step whose entries before this position are done. */
function rest(step: Step, from: number): Step {
  return step.do === 'send' ? { do: 'send', stanzas: step.stanzas.filter(({ position }) => position >= from) } : step;
}
