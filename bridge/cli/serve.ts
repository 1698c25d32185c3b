import { startBridge, type Bridge } from '../compose.js';
import { createLog, type Logger } from '../observe/log.js';
import { command, type Call } from './command.js';
import { EXIT } from './exit-codes.js';
import { doneWithin, listenForStop, type Stop } from './stop.js';

/** From the signal to the end of the process. */
const STOP_MS = 20_000;

/** A bridge for production: runs until it is told to end. */
export const serve = command({
  name: 'serve',
  summary: 'Runs the bridge with an existing database and ejabberd, until SIGTERM.',
  details:
    'Brings the database up to date first and waits for it if it is away. Logs one JSON line an event on standard output. SIGTERM or\n' +
    'Ctrl-C: takes nothing more, finishes what is under way, ends within 20 s. Exit code 75: start it again (a supervisor does).',
  options: {},
  run: serveUntilStopped,
});

async function serveUntilStopped(call: Call): Promise<number> {
  const settings = call.settings();
  const log = createLog(settings.log.level);
  const stop = listenForStop(call.io);
  const quiet = onUncaught(log, call);
  try {
    const starting = startBridge(settings, { log }, stop.signal);
    const first = await Promise.race([starting, stop.asked.then(() => null)]);
    if (first === null) return await endStarting(starting, call);
    return await whileItRuns(first, stop, log, call);
  } finally {
    stop.dispose();
    quiet();
  }
}

async function whileItRuns(bridge: Bridge, stop: Stop, log: Logger, call: Call): Promise<number> {
  const why = await Promise.race([stop.asked.then((signal) => ({ signal })), bridge.lost.then((lost) => ({ lost }))]);
  log.info(why, 'bridge ends');
  const clean = await doneWithin(STOP_MS, bridge.close());
  const code = 'lost' in why ? EXIT.again : clean ? EXIT.ok : EXIT.failed;
  if (!clean) {
    log.error('bridge could not end in time; what is unfinished stays in the outbox');
    call.io.exit(code);
  }
  return code;
}

/** Told to end while it still waited for the database: nothing was taken yet, so nothing needs to be finished. */
async function endStarting(starting: Promise<Bridge>, call: Call): Promise<number> {
  const ended = starting.then((bridge) => bridge.close()).catch(() => undefined);
  if (!(await doneWithin(1_000, ended))) call.io.exit(EXIT.ok);
  return EXIT.ok;
}

/** What nobody caught leaves the process in a state that nobody knows: it is logged, and the process ends. */
function onUncaught(log: Logger, { io }: Call): () => void {
  const die = (error: unknown): void => {
    log.fatal({ err: error }, 'ends because of an error that nobody caught');
    io.exit(EXIT.failed);
  };
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  return () => {
    process.off('uncaughtException', die);
    process.off('unhandledRejection', die);
  };
}
