import { migrate as bringUpToDate } from '../storage/migrate.js';
import { command } from './command.js';
import { say } from './io.js';
import { lendCore } from './with-core.js';

export const migrate = command({
  name: 'migrate',
  summary: 'Brings the database up to date. “serve” does it too; running it twice, or twice at once, does no harm.',
  options: {},
  run: (call) =>
    lendCore(call, async ({ pool }) => {
      const done = await bringUpToDate(pool);
      for (const file of done) say(call.io, `  ${file}`);
      say(
        call.io,
        done.length === 0
          ? 'The database is up to date already.'
          : `The database is up to date: ${done.length} migrations run.`,
      );
    }),
});
