import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { setSiteSession, type SiteSessionSettings } from '../domain/visitors/site-session.js';
import { SiteDatabase } from '../outbound/site/site-database.js';
import { findMember } from '../outbound/site/site-members.js';
import { describeError } from '../shared/errors.js';
import { siteSessionSettings } from '../storage/site-session-settings.js';
import { command } from './command.js';
import { CliError, UsageError } from './exit-codes.js';
import { say } from './io.js';
import { readYaml } from './read-yaml.js';
import { CLI_ACTOR, instanceOf, withCore } from './with-core.js';

const QUERY_LENGTH = 4_000;

const settingsShape = z
  .strictObject({
    cookie: z.string().regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, 'must be a cookie’s name'),
    database: z.string().max(1_000).refine(isAddress, 'must be mysql://user:password@host:3306/database'),
    django: z
      .strictObject({ secret_keys: z.array(z.string().min(1).max(500)).max(5).default([]) })
      .nullable()
      .default(null),
    query: z
      .string()
      .max(QUERY_LENGTH)
      .refine((text) => /^\s*select\s/i.test(text) && !text.includes(';'), 'must be one SELECT')
      .refine((text) => text.split('?').length === 2, 'must have one ?, where the value goes')
      .nullable()
      .default(null),
    when_down: z.enum(['refuse', 'guest']).default('refuse'),
  })
  .refine(({ django, query }) => django ?? query, { message: 'is missing, or django', path: ['query'] });

export const instanceSession = command({
  name: 'instance session',
  summary:
    'Reads who its visitors are from the site’s own sessions, by the site’s cookie and database; without options it says how.',
  details: `The file is YAML; /dev/stdin reads it from standard input. config/examples/site-session.yml has all of it. It is tried out first, and kept encrypted.`,
  args: ['NAME'],
  options: {
    set: { type: 'string', value: 'FILE', text: 'cookie, database, and django or a query' },
    off: { type: 'boolean', text: 'read the site’s sessions no more' },
  },
  run: (call) =>
    withCore(call, async (core) => {
      const { set, off } = call.values;
      if (set !== undefined && off === true) throw new UsageError('--set and --off don’t go together');
      const { id } = await instanceOf(core, call.args[0]);
      const given = set === undefined ? null : toSettings(readYaml(call.io, set, settingsShape));
      if (given) await tryOut(given);
      if (given || off === true) {
        await core.transactions.alone((tx) => setSiteSession(tx, id, given, CLI_ACTOR));
        const done = given ? 'is read from now on. Pages ask for it by data-identity="session".' : 'is read no more.';
        return say(call.io, `The site’s own session ${done}`);
      }
      const present = await siteSessionSettings(core.pool, core.box)(id);
      if (!present) return say(call.io, 'The site’s own sessions aren’t read.');
      const how = present.django ? `Django, ${present.django.secretKeys.length} secret keys` : 'a query';
      say(
        call.io,
        `Cookie ${present.cookie}, ${how}, at ${shownDatabase(present.database)}; when that is down: ${present.whenDown}`,
      );
    }),
});

function toSettings(given: z.output<typeof settingsShape>): SiteSessionSettings {
  const { cookie, database, django, query, when_down: whenDown } = given;
  return { cookie, database, django: django && { secretKeys: django.secret_keys }, query, whenDown };
}

/** Nobody has this session; but what is wrong with login, tables or query shows. @throws CliError */
async function tryOut(settings: SiteSessionSettings): Promise<void> {
  const database = new SiteDatabase(settings.database);
  const cookie = randomBytes(16).toString('hex');
  try {
    await findMember(database, settings, { cookie, now: new Date() });
    if (settings.django && settings.query !== null) await database.select(settings.query, ['0']);
  } catch (error) {
    throw new CliError(`the site’s database doesn’t answer: ${describeError(error)}`, undefined, { cause: error });
  } finally {
    await database.close();
  }
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, pathname, search } = new URL(text);
  return protocol === 'mysql:' && hostname !== '' && username !== '' && pathname.length > 1 && search === '';
}

function shownDatabase(address: string): string {
  const { username, host, pathname } = new URL(address);
  return `${username}@${host}${pathname}`;
}
