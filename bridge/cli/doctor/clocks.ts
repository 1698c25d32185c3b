import { TOLERANCE_SECONDS } from '../../shared/clock-gap.js';
import { rows } from '../../storage/pool.js';
import type { Check, DoctorContext } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

const WARN_SECONDS = 30;

export const CLOCK_ADVICE =
  'set both by NTP: signatures are refused meanwhile, and what waits is sent when the clocks are right';

export const databaseClock: Check = {
  name: 'database clock',
  needs: ['database'],
  run: async (context) => [
    await compare(context, 'the database', async () => {
      const [row] = await rows(context.core.pool, 'SELECT NOW(3) AS now');
      return row?.['now'] as Date;
    }),
  ],
};

export const ejabberdClock: Check = {
  name: 'ejabberd clock',
  needs: ['mod_foyer'],
  run: async (context) => [
    await compare(
      context,
      'ejabberd',
      async () => new Date((await context.modFoyer.info(context.settings.ejabberd.host)).systemTime),
    ),
  ],
};

/** Asked between two looks at the clock here: the answer belongs to the middle between them. */
async function compare({ core }: DoctorContext, who: string, ask: () => Promise<Date>): Promise<Finding> {
  const before = core.clock.now().getTime();
  const there = (await ask()).getTime();
  const here = (before + core.clock.now().getTime()) / 2;
  const seconds = Math.abs(there - here) / 1000;
  const what = `the clocks of ${who} and of this machine are ${seconds.toFixed(1)} s apart`;
  if (seconds > TOLERANCE_SECONDS) return fail(what, CLOCK_ADVICE);
  if (seconds > WARN_SECONDS) return warn(what, 'set both by NTP');
  return ok(what);
}
