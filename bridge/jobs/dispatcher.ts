import { dispatchDepartment } from '../domain/queue/dispatch.js';
import type { Department } from '../domain/queue/department.js';
import { tellPositions } from '../domain/queue/positions.js';
import type { Transactions } from '../domain/ports.js';
import type { Upkeep } from '../domain/upkeep.js';

export interface DispatcherDeps {
  transactions: Transactions;
  upkeep: Upkeep;
  /** Looking failed; the next poll does it. */
  onError: (error: unknown) => void;
}

/** A chat that somebody has locked is free again after about so long. */
const AGAIN_MS = 50;

/**
 * Gives chats to operators after commits that have made room or a chat to give; what time brings it finds when it is polled. Looks at one department after the
 * other; any number of processes may do so at a time.
 */
export class Dispatcher {
  private readonly wanted = new Set<number>();
  private working: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly deps: DispatcherDeps) {}

  /** Something has changed in these instances. */
  nudge(instanceIds: Iterable<number>): void {
    for (const id of instanceIds) this.wanted.add(id);
    if (this.stopped || this.wanted.size === 0 || this.working !== null) return;
    this.working = this.work()
      .catch((error: unknown) => this.deps.onError(error))
      .finally(() => {
        this.working = null;
        this.nudge([]);
      });
  }

  /** Every department of every instance. @returns how many had something to look at */
  async poll(): Promise<number> {
    const departments = await this.deps.upkeep.busyDepartments();
    for (const department of departments) await this.dispatch(department);
    return departments.length;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.working;
  }

  private async work(): Promise<void> {
    const instances = [...this.wanted];
    this.wanted.clear();
    for (const department of await this.deps.upkeep.busyDepartments(instances)) {
      if (this.stopped) return;
      await this.dispatch(department);
    }
  }

  private async dispatch(department: Department): Promise<void> {
    const { transactions } = this.deps;
    const leftOut = await transactions.alone((tx) => dispatchDepartment(tx, department));
    while (await transactions.alone((tx) => tellPositions(tx, department)));
    if (leftOut && !this.stopped) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.nudge([department.instanceId]), AGAIN_MS);
    }
  }
}
