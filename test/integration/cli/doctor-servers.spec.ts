import { expect } from 'chai';
import mysql from 'mysql2/promise';
import { databaseClock, ejabberdClock } from '../../../bridge/cli/doctor/clocks.js';
import type { DoctorContext } from '../../../bridge/cli/doctor/context.js';
import { AdminClient } from '../../../bridge/outbound/ejabberd/admin-client.js';
import { ModFoyerClient } from '../../../bridge/outbound/ejabberd/mod-foyer-client.js';
import { freePort } from '../../../bridge/stack/ports.js';
import { randomWebhookSecret } from '../../../bridge/stack/private-files.js';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { examinerOf, failures, type Examiner } from '../../support/doctor.js';
import { sharedMariadb } from '../../support/stack.js';

describe('the doctor’s look at the servers', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let examine: Examiner['examine'];
  let findsOnly: Examiner['findsOnly'];

  before(async () => {
    foyer = await TestFoyer.start();
    ({ examine, findsOnly } = examinerOf(foyer));
    await foyer.addOperator('anna');
  });
  after(() => foyer.stop());

  describe('names what is wrong with the database:', () => {
    it('a wrong password, without repeating it', async () => {
      const findings = await findsOnly(/refuses user/, /database\.password/, {
        FOYER_DATABASE_PASSWORD: 'wrong-secret',
      });
      expect(JSON.stringify(findings)).to.not.include('wrong-secret');
    });

    it('a server that isn’t there', async () => {
      await findsOnly(/can’t be reached/, /start it/, { FOYER_DATABASE_PORT: String(await freePort()) });
    });

    it('a database that isn’t there, or isn’t ours', async () => {
      await findsOnly(/no rights on database nowhere/, /GRANT/, { FOYER_DATABASE_NAME: 'nowhere' });
    });

    it('a log that isn’t flushed with each commit', async () => {
      const { socketPath, rootUser, rootPassword } = await sharedMariadb();
      const admin = await mysql.createConnection({ socketPath, user: rootUser, password: rootPassword });
      try {
        await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 2');
        await findsOnly(/innodb_flush_log_at_trx_commit is 2/, /my\.cnf/);
      } finally {
        await admin.query('SET GLOBAL innodb_flush_log_at_trx_commit = 1');
        await admin.end();
      }
    });

    it('a migration that wasn’t run', async () => {
      const [last] = await foyer.select('SELECT number, file, applied_at FROM migrations ORDER BY number DESC LIMIT 1');
      await run(foyer.bridge.core.pool, 'DELETE FROM migrations WHERE number = ?', [last?.['number']]);
      await findsOnly(/not all migrations were run: \d{4}-/, /foyer migrate/);
      await run(foyer.bridge.core.pool, 'INSERT INTO migrations VALUES (?)', [
        [last?.['number'], last?.['file'], last?.['applied_at']],
      ]);
    });

    it('an account key that isn’t the one that closed what is stored', async () => {
      await findsOnly(/doesn’t open the stored passwords/, /older_account_keys/, {
        FOYER_SECRETS_ACCOUNT_KEY: Buffer.alloc(32, 5).toString('base64'),
      });
    });

    it('clocks that are apart', async () => {
      const admin = new AdminClient({
        url: foyer.ejabberd.apiUrl,
        user: foyer.ejabberd.apiUser,
        password: foyer.ejabberd.apiPassword,
      });
      const level = async (seconds: number) => {
        const clock = { ...foyer.bridge.core.clock, now: () => new Date(Date.now() + seconds * 1000) };
        const context = {
          core: { ...foyer.bridge.core, clock },
          settings: foyer.settings,
          admin,
          modFoyer: new ModFoyerClient(admin),
          base: '',
        } satisfies DoctorContext;
        return [...(await databaseClock.run(context)), ...(await ejabberdClock.run(context))].map(
          (finding) => finding.level,
        );
      };
      expect(await level(0)).to.deep.equal(['ok', 'ok']);
      expect(await level(-60)).to.deep.equal(['warn', 'warn']);
      expect(await level(400)).to.deep.equal(['fail', 'fail']);
      admin.close();
    });
  });

  describe('names what is wrong with ejabberd:', () => {
    it('an API password that it refuses, without repeating it', async () => {
      const findings = await findsOnly(/refuses foyer-api@/, /api_password/, {
        FOYER_EJABBERD_API_PASSWORD: 'wrong-secret',
      });
      expect(JSON.stringify(findings)).to.not.include('wrong-secret');
    });

    it('an API that isn’t there', async () => {
      await findsOnly(/API can’t be reached/, /api_url/, {
        FOYER_EJABBERD_API_URL: `http://127.0.0.1:${await freePort()}/api`,
      });
    });

    it('an address that isn’t the API', async () => {
      const { code, findings } = await examine({ FOYER_EJABBERD_API_URL: `${foyer.base}/demo` }, '--no-round-trip');
      expect(code).to.equal(1);
      expect(failures(findings)[0]).to.match(/API/);
    });

    it('a listener for sessions that isn’t there, or serves another host', async () => {
      await findsOnly(/can’t be reached/, /xmpp_url/, {
        FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${await freePort()}`,
      });
      await findsOnly(/doesn’t speak XMPP/, /c2s/, {
        FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${foyer.settings.http.port}`,
      });
    });
  });

  describe('names what is wrong between ejabberd and the bridge:', () => {
    afterEach(async () => {
      foyer.gate.behave = {};
      await foyer.ejabberd.setHooks({ url: hooksUrl(), secrets: foyer.ejabberd.hooksSecrets });
    });
    const hooksUrl = (path = '/hooks/ejabberd') => `http://127.0.0.1:${foyer.gate.port}${path}`;

    it('a secret that only one of them knows', async () => {
      await foyer.ejabberd.setHooks({ url: hooksUrl(), secrets: [randomWebhookSecret()] });
      await findsOnly(/refuses mod_foyer’s signature \(signature_invalid\)/, /hooks_secrets/);
    });

    it('a hooks_url that leads nowhere', async () => {
      await foyer.ejabberd.setHooks({
        url: `http://127.0.0.1:${await freePort()}/hooks/ejabberd`,
        secrets: foyer.ejabberd.hooksSecrets,
      });
      await findsOnly(/doesn’t get an answer from hooks_url/, /hooks_url/);
    });

    it('a hooks_url that leads elsewhere', async () => {
      await foyer.ejabberd.setHooks({ url: hooksUrl('/hook'), secrets: foyer.ejabberd.hooksSecrets });
      const { findings } = await examine({}, '--no-round-trip');
      expect(failures(findings)).to.deep.equal(['mod_foyer’s hooks_url ends in /hook']);
      expect(findings.filter(({ level }) => level === 'skip').map(({ what }) => what)).to.include(
        'hooks (needs: mod_foyer)',
      );
    });

    it('a proxy that answers in the bridge’s place', async () => {
      foyer.gate.behave = { answer: 502 };
      await findsOnly(/answers mod_foyer with 502/, /log/);
    });

    it('a spool that somebody has paused', async () => {
      await foyer.ejabberd.ctl('foyer_spool_pause', foyer.ejabberd.host);
      await findsOnly(/spool is paused/, /foyer_spool_resume/);
      await foyer.ejabberd.ctl('foyer_spool_resume', foyer.ejabberd.host);
    });

    it('a name of the service account that is another one here', async () => {
      await findsOnly(/service_account is “foyer”/, /set it to “concierge”/, {
        FOYER_EJABBERD_SERVICE_ACCOUNT: 'concierge',
      });
    });

    it('longer messages than mod_foyer lets operators write, as a warning', async () => {
      const { code, findings } = await examine({ FOYER_LIMITS_MESSAGE_BYTES: '50000' }, '--no-round-trip');
      expect(code).to.equal(0);
      expect(findings.find(({ level }) => level === 'warn')?.advice).to.include('max_body');
    });
  });
});
