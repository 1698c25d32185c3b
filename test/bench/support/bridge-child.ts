import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BridgeMemory, BridgeQuestion } from './bridge-process.js';

const PROGRAM = fileURLToPath(new URL('./bridge-process.ts', import.meta.url));
const START_MS = 30_000;

/** The bridge as a process of its own. `FOYER_BENCH_NODE_OPTIONS` (such as `--cpu-prof`) goes to its Node. */
export class BridgeChild {
  private constructor(private readonly child: ChildProcess) {}

  static async start(settings: Record<string, string>): Promise<BridgeChild> {
    const { FOYER_BENCH_NODE_OPTIONS: extra, ...environment } = process.env;
    const child = fork(PROGRAM, {
      execArgv: ['--import', 'tsx', '--expose-gc', ...(extra === undefined ? [] : extra.split(' '))],
      env: { ...environment, ...settings },
      // Its log would tear the table apart.
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The bridge ended with ${String(code)} at its start`);
    });
    await Promise.race([once(child, 'message', { signal: AbortSignal.timeout(START_MS) }), ended]);
    ended.catch(() => undefined);
    return new BridgeChild(child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async memory(): Promise<BridgeMemory> {
    const [answer] = (await this.ask('memory', 'message')) as [BridgeMemory];
    return answer;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) await this.ask('stop', 'exit');
  }

  private ask(question: BridgeQuestion, answer: 'message' | 'exit'): Promise<unknown[]> {
    const answered = once(this.child, answer);
    this.child.send(question);
    return answered;
  }
}
