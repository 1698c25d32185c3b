import { expect } from 'chai';
import { composeCore, type Core } from '../../bridge/compose.js';
import { loadConfig } from '../../bridge/config/load.js';
import { createLog } from '../../bridge/observe/log.js';
import { foyer } from './cli.js';
import { freshDatabase } from './stack.js';

type Result = Awaited<ReturnType<typeof foyer>>;

/** An empty database, and commands that use it. No bridge, no ejabberd. */
export interface CliDatabase {
  env: Record<string, string>;
  core: Core;
  cli: (...argv: string[]) => Promise<Result>;
  /** What a command prints that must succeed. */
  works: (...argv: string[]) => Promise<string>;
  json: <T>(...argv: string[]) => Promise<T>;
  /** Why a command fails that must fail. */
  refused: (...argv: string[]) => Promise<string>;
  close: () => Promise<void>;
}

/** Makes one; the schema isn't there yet. */
export async function cliDatabase(): Promise<CliDatabase> {
  const db = await freshDatabase();
  const env = {
    FOYER_DATABASE_HOST: db.host,
    FOYER_DATABASE_PORT: String(db.port),
    FOYER_DATABASE_USER: db.user,
    FOYER_DATABASE_NAME: db.database,
    FOYER_DATABASE_PASSWORD: db.password,
    FOYER_EJABBERD_HOST: 'example.org',
    FOYER_EJABBERD_API_URL: 'http://127.0.0.1:9/api',
    FOYER_EJABBERD_API_USER: 'foyer-api@example.org',
    FOYER_EJABBERD_API_PASSWORD: 'none',
    FOYER_HOOKS_SECRETS: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    FOYER_SECRETS_ACCOUNT_KEY: Buffer.alloc(32, 1).toString('base64'),
    FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true',
  };
  const core = composeCore(loadConfig(undefined, env), { log: createLog('silent') });
  const cli = (...argv: string[]) => foyer(argv, { env });
  const works = async (...argv: string[]) => {
    const result = await cli(...argv);
    expect(result, argv.join(' ')).to.include({ code: 0, err: '' });
    return result.out;
  };
  return {
    ...{ env, core, cli, works },
    json: async <T>(...argv: string[]) => JSON.parse(await works(...argv, '--json')) as T,
    async refused(...argv) {
      const { code, err, out } = await cli(...argv);
      expect(code, argv.join(' ')).to.be.greaterThan(0);
      expect(out).to.equal('');
      return err;
    },
    async close() {
      await core.pool.end();
      await db.drop();
    },
  };
}
