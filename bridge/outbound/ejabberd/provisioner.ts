import { bareJid, type Account, type AccountWithPassword } from '../../domain/accounts/account.js';
import { splitJid } from '../../shared/jid.js';
import { cleanName } from '../xmpp/xml-text.js';
import type { Log } from '../xmpp/log.js';
import type { AdminClient } from './admin-client.js';
import { EjabberdError, type EjabberdErrorCode } from './admin-errors.js';
import { Batcher } from './batcher.js';
import type { AccountOutcome, ModFoyerClient } from './mod-foyer-client.js';
import type { RosterGroups } from './roster-groups.js';

export interface ProvisionerDeps {
  admin: AdminClient;
  modFoyer: ModFoyerClient;
  groups: RosterGroups;
  log: Log;
  /** One that nobody knows. */
  randomPassword: () => string;
  serviceLocal: string;
}

/** Accounts in one call: ejabberd works through a hundred in some 10 ms. */
const BATCH_SIZE = 100;
const BATCH_WAIT_MS = 3;

/** mod_foyer isn't loaded, not on this host, or refuses the batch for what one of the accounts holds. */
const GOES_ALONE: ReadonlySet<EjabberdErrorCode> = new Set(['unknown_command', 'not_found', 'invalid']);
/** Reasons of mod_foyer that no repetition changes. */
const HOPELESS: ReadonlySet<string> = new Set([
  ...['empty password', "not a visitor's name", "not a visitors' group"],
  ...['invalid_jid', 'invalid_password', 'not_allowed'],
]);
const GROUP_IS_GONE = 'no such group';
/** What operators' clients show when the stream ends. */
const LOCKED = 'This account is suspended';

interface Rename {
  account: Account;
  name: string;
}

/**
 * Makes, names and removes accounts on ejabberd. Visitors' accounts go many at a time through mod_foyer's commands, or one
 * by one through ejabberd's own where mod_foyer isn't loaded; operators' and service accounts always go one by one.
 * Everything may be repeated. Errors are `EjabberdError`s.
 */
export class Provisioner {
  readonly #provisioning = new Map<string, Batcher<AccountWithPassword>>();
  readonly #removing = new Map<string, Batcher<Account>>();
  readonly #renaming = new Map<string, Batcher<Rename>>();
  #warned = false;

  constructor(private readonly deps: ProvisionerDeps) {}

  /** The account exists with its password, name and roster group, and the group itself does, when this resolves. */
  async provision(account: AccountWithPassword): Promise<void> {
    const { host } = account;
    try {
      await this.deps.groups.ensureFor(host, account.rosterGroup);
      if (isVisitor(account)) {
        await forHost(this.#provisioning, host, (accounts) => this.#provisionMany(host, accounts)).add(account);
      } else {
        await this.#provisionOne(account);
      }
    } catch (error) {
      if (error instanceof EjabberdError && error.code === 'unreachable') {
        this.deps.groups.forget();
      }
      throw error;
    }
  }

  /** Its sessions are ended, and the account and all that ejabberd kept for it are gone, when this resolves. */
  async remove(account: Account): Promise<void> {
    if (!isVisitor(account)) {
      return this.#removeOne(account);
    }
    return forHost(this.#removing, account.host, (accounts) => this.#removeMany(account.host, accounts)).add(account);
  }

  /** Nobody can log in to the account any more, and who had is told why by the end of the stream. What ejabberd keeps of it stays. */
  async lock({ local, host }: Account): Promise<void> {
    const { admin } = this.deps;
    try {
      await admin.changePassword(local, host, this.deps.randomPassword());
    } catch (error) {
      // One that isn't there needs no lock; ejabberd says so by a plain failure.
      if (await admin.checkAccount(local, host)) throw error;
      return;
    }
    for (const { resource } of await admin.sessions(local, host))
      await admin.kickSession(local, host, resource, LOCKED);
  }

  /** The shared roster groups of an instance are gone, and the rooms of its people. Its accounts must be gone before. */
  async removeGroups(host: string, instance: string): Promise<void> {
    await whereThere(this.deps.modFoyer.destroyRoomsOf(host, instance));
    await this.deps.groups.remove(host, instance);
  }

  /** Removes what was said with this account from the archive of another one, which may be gone. */
  async forget(account: Account, other: string): Promise<void> {
    const { local, host } = splitJid(other);
    // The operator may have gone, and there may be no archive at all.
    await whereThere(this.deps.admin.removeFromArchive(local, host, bareJid(account)));
  }

  /** Changes the name that operators' rosters show from their next login on. */
  async rename(account: Account, name: string): Promise<void> {
    if (!isVisitor(account)) {
      return this.deps.admin.setVcardName(account.local, account.host, cleanName(name));
    }
    const batcher = forHost(this.#renaming, account.host, (renames) => this.#renameMany(account.host, renames));
    return batcher.add({ account, name });
  }

  async #provisionMany(host: string, accounts: AccountWithPassword[]): Promise<(Error | null)[]> {
    const specs = accounts.map(({ local, password, name, rosterGroup }) => ({
      user: local,
      password,
      name: cleanName(name),
      group: rosterGroup,
    }));
    return this.#together(
      accounts,
      () => this.deps.modFoyer.provision(host, specs),
      (account) => this.#provisionOne(account),
    );
  }

  async #removeMany(host: string, accounts: Account[]): Promise<(Error | null)[]> {
    const users = accounts.map(({ local }) => local);
    return this.#together(
      accounts,
      () => this.deps.modFoyer.unprovision(host, users),
      (account) => this.#removeOne(account),
    );
  }

  async #renameMany(host: string, renames: Rename[]): Promise<(Error | null)[]> {
    const names = renames.map(({ account, name }) => ({ user: account.local, name: cleanName(name) }));
    return this.#together(
      renames.map(({ account }) => account),
      () => this.deps.modFoyer.setNames(host, names),
      (account, i) => this.deps.admin.setVcardName(account.local, host, names[i]?.name ?? ''),
    );
  }

  /**
   * One call for all. Without mod_foyer, or when ejabberd refuses the batch for what one of them holds, each goes alone, so
   * that none suffers for another.
   */
  async #together<A extends Account>(
    accounts: A[],
    all: () => Promise<AccountOutcome[]>,
    each: (account: A, index: number) => Promise<void>,
  ): Promise<(Error | null)[]> {
    try {
      const outcomes = await all();
      this.#warned = false;
      if (outcomes.some(({ reason }) => reason === GROUP_IS_GONE)) {
        this.deps.groups.forget();
      }
      return match(accounts, outcomes);
    } catch (error) {
      if (!(error instanceof EjabberdError) || !GOES_ALONE.has(error.code)) {
        throw error;
      }
      if (!this.#warned) {
        this.#warned = true;
        this.deps.log.warn({ reason: error.message }, 'accounts are provisioned one by one');
      }
      const settled = await Promise.allSettled(accounts.map(each));
      return settled.map((one) => (one.status === 'rejected' ? toError(one.reason) : null));
    }
  }

  async #provisionOne(account: AccountWithPassword): Promise<void> {
    const { local, host, password, rosterGroup } = account;
    if ((await this.deps.admin.register(local, host, password)) === 'exists') {
      await this.deps.admin.changePassword(local, host, password);
    }
    // Before the roster group: ejabberd takes the contact's name from the vCard when it pushes the new contact.
    await this.deps.admin.setVcardName(local, host, cleanName(account.name));
    if (rosterGroup !== '') {
      await this.deps.admin.addToSharedRoster(local, host, rosterGroup);
    }
    await this.#keep(host);
  }

  /** Has ejabberd's disk what was done so far: a kill just now must not leave an account without its group. */
  async #keep(host: string): Promise<void> {
    await whereThere(this.deps.modFoyer.provision(host, []));
  }

  async #removeOne(account: Account): Promise<void> {
    const { local, host, rosterGroup } = account;
    await this.deps.admin.kickUser(local, host);
    if (rosterGroup !== '') {
      await this.deps.admin.removeFromSharedRoster(local, host, rosterGroup);
    }
    await this.deps.admin.unregister(local, host);
    if (account.kind === 'operator') await this.forget(account, `${this.deps.serviceLocal}@${host}`);
  }
}

/** Nothing needs doing where the command, or what it is about, isn't there. */
async function whereThere(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof EjabberdError && GOES_ALONE.has(error.code))) throw error;
  }
}

function isVisitor({ kind }: Account): boolean {
  return kind === 'visitor' || kind === 'chat';
}

function forHost<T>(
  batchers: Map<string, Batcher<T>>,
  host: string,
  run: (items: T[]) => Promise<(Error | null)[]>,
): Batcher<T> {
  let batcher = batchers.get(host);
  if (!batcher) {
    batcher = new Batcher(run, { size: BATCH_SIZE, waitMs: BATCH_WAIT_MS });
    batchers.set(host, batcher);
  }
  return batcher;
}

/** By name: newer versions of ejabberd sort a list before they answer it. */
function match(accounts: Account[], outcomes: AccountOutcome[]): (Error | null)[] {
  const byUser = new Map(outcomes.map((outcome) => [outcome.user, outcome]));
  return accounts.map((account) => {
    const outcome = byUser.get(account.local);
    if (!outcome) {
      return new EjabberdError('failed', `mod_foyer didn't answer for ${bareJid(account)}`);
    }
    return outcome.status === 'error' ? errorFromReason(account, outcome.reason) : null;
  });
}

function errorFromReason(account: Account, reason: string): EjabberdError {
  const code = HOPELESS.has(reason) ? 'invalid' : 'failed';
  return new EjabberdError(code, `mod_foyer couldn't change ${bareJid(account)}: ${reason}`);
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
