import type { AccountState } from '../../domain/accounts/account.js';

const LOOK_MS = 60;
/** The longest that a call waits for ejabberd. */
export const ACCOUNT_WAIT_MS = 10_000;

interface Waiter {
  resolve: (state: AccountState) => void;
  deadline: number;
}

/** Calls that wait for accounts to be ready on ejabberd: one look at the database serves all of them. */
export class AccountWatch {
  private readonly waiting = new Map<number, Waiter[]>();
  private looking = false;

  constructor(
    private readonly read: (ids: readonly number[]) => Promise<Map<number, AccountState>>,
    private readonly shutdown: AbortSignal,
  ) {}

  /**
   * Resolves when the account is ready, and after 10 s or at the end of the process with the state that it has then.
   */
  wait(accountId: number): Promise<AccountState> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(accountId) ?? [];
      waiters.push({ resolve, deadline: performance.now() + ACCOUNT_WAIT_MS });
      this.waiting.set(accountId, waiters);
      if (!this.looking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0) {
      const states = await this.read([...this.waiting.keys()]).catch(() => new Map<number, AccountState>());
      for (const id of [...this.waiting.keys()]) this.answer(id, states.get(id));
      if (this.waiting.size > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    this.looking = false;
  }

  private answer(id: number, state: AccountState | undefined): void {
    const now = performance.now();
    const left = (this.waiting.get(id) ?? []).filter(({ resolve, deadline }) => {
      if (state !== 'ready' && now < deadline && !this.shutdown.aborted) return true;
      resolve(state ?? 'wanted');
      return false;
    });
    if (left.length === 0) this.waiting.delete(id);
    else this.waiting.set(id, left);
  }
}
