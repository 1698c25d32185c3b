import type { Timers } from '../../../bridge/widget/core/timers.js';

export interface FakeTimers extends Timers {
  /** Lets what is pending in promises happen. */
  settle(): Promise<void>;
  /** Turns the clock on, running what falls due on the way. */
  pass(ms: number): Promise<void>;
  /** Turns the clock on without running anything, as a machine that sleeps. */
  sleep(ms: number): void;
}

/** Time that only the test turns; chance is always in the middle. */
export function fakeTimers(): FakeTimers {
  let clock = Date.parse('2026-11-21T10:00:00Z');
  let tasks: { at: number; run: () => void }[] = [];

  async function settle(): Promise<void> {
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    now: () => clock,
    random: () => 0.5,
    after(ms, run) {
      const task = { at: clock + ms, run };
      tasks.push(task);
      return () => {
        tasks = tasks.filter((other) => other !== task);
      };
    },
    settle,
    sleep(ms) {
      clock += ms;
    },
    async pass(ms) {
      const end = clock + ms;
      await settle();
      for (;;) {
        const next = tasks.filter((task) => task.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        tasks = tasks.filter((task) => task !== next);
        clock = Math.max(clock, next.at);
        next.run();
        await settle();
      }
      clock = Math.max(clock, end);
    },
  };
}
