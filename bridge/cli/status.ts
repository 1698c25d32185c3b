import { pendingMigrations } from '../storage/migrate.js';
import { readOverview } from '../storage/overview.js';
import { readProcesses } from '../storage/process-store.js';
import { command, JSON_OUT } from './command.js';
import { say } from './io.js';
import { printItems, printJson } from './output.js';
import { lendCore } from './with-core.js';

export const status = command({
  name: 'status',
  summary: 'Shows the processes, and what is open, waits, or was given up.',
  options: { json: JSON_OUT },
  run: (call) =>
    lendCore(call, async ({ pool }) => {
      const { io } = call;
      const pending = await pendingMigrations(pool);
      if (pending.length > 0)
        return say(io, `The database isn’t up to date (${pending.length} migrations): foyer migrate`);
      const [overview, processes] = await Promise.all([readOverview(pool), readProcesses(pool)]);
      if (call.values.json === true) return printJson(io, { ...overview, processes });
      const total = (list: readonly { count: number }[]) => list.reduce((sum, { count }) => sum + count, 0);
      const chats = overview.chats.map(({ state, count }) => `${count} ${state}`).join(', ');
      say(
        io,
        `Visitors online ${overview.visitorsOnline}, operators online ${overview.operatorsOnline}, open chats ${chats === '' ? 0 : chats}.`,
      );
      for (const { target, depth, oldestSeconds } of overview.outbox)
        say(io, `Waiting for ${target}: ${depth}, the oldest for ${oldestSeconds} s (foyer outbox list)`);
      if (overview.outbox.length === 0) say(io, 'Nothing waits to be sent.');
      if (total(overview.deadLetters) > 0) say(io, `Given up: ${total(overview.deadLetters)} (foyer outbox dead)`);
      if (overview.rejectedEvents > 0) say(io, `Events rejected: ${overview.rejectedEvents} (foyer events)`);
      say(io);
      const items = processes.map(({ id, name, startedAt, alive, lanes, accounts }) => ({
        process: id,
        name,
        started_at: startedAt,
        alive,
        serving: lanes,
        accounts,
      }));
      printItems(io, items, { json: false, empty: 'No bridge runs: foyer serve' });
    }),
});
