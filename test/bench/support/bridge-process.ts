import { startBridge } from '../../../bridge/compose.js';
import { loadConfig } from '../../../bridge/config/load.js';
import { createLog } from '../../../bridge/observe/log.js';

/** What the bench asks the bridge's process. */
export type BridgeQuestion = 'memory' | 'stop';

/** Bytes, after a garbage collection. */
export interface BridgeMemory {
  rss: number;
  /** On the heap and in buffers outside of it. */
  used: number;
}

/** The bridge alone in a process, as in production; beside its own doors it only answers how much memory it holds. */
const settings = loadConfig(undefined, process.env);
const bridge = await startBridge(settings, { log: createLog(settings.log.level) });

process.on('message', (question: BridgeQuestion) => {
  if (question === 'memory') process.send?.(memory());
  else void bridge.close().then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(1));
process.send?.('ready');

function memory(): BridgeMemory {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, used: heapUsed + external };
}
