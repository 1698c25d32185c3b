import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { run } from '../../../bridge/storage/pool.js';
import { TestFoyer } from '../../support/bridge.js';
import { foyer as cli } from '../../support/cli.js';
import { examinerOf, failures, type Examiner } from '../../support/doctor.js';
import { privateEjabberd, type PrivateEjabberd } from '../../support/stack.js';
import { until } from '../../support/until.js';

describe('the doctor', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let env: Record<string, string>;
  let examine: Examiner['examine'];
  let findsOnly: Examiner['findsOnly'];

  before(async () => {
    foyer = await TestFoyer.start();
    ({ env, examine, findsOnly } = examinerOf(foyer));
    await foyer.addOperator('anna');
  });
  after(() => foyer.stop());

  describe('finds all well', () => {
    it('on a healthy Foyer, and says it in one line each', async () => {
      const { code, out } = await cli(['doctor'], { env });
      expect(code, out).to.equal(0);
      for (const line of out.trim().split('\n')) expect(line).to.match(/^ok {3}\S/);
      expect(out).to.match(
        /MariaDB 10\.\d+[^]*ejabberd 23\.\d+[^]*mod_foyer \S+ is loaded[^]*accepts its signature[^]*a message went from a page to an operator in \d+ ms, and one back in \d+ ms/,
      );
    });

    it('and leaves nothing of its test conversation behind', async () => {
      await examine();
      const counts = await foyer.select(
        `SELECT (SELECT COUNT(*) FROM accounts WHERE accounts.instance_id <> 1) AS accounts, (SELECT COUNT(*) FROM operators WHERE operators.instance_id <> 1) AS operators,
                (SELECT COUNT(*) FROM visitors) AS visitors, (SELECT COUNT(*) FROM chats) AS chats, (SELECT COUNT(*) FROM messages) AS messages,
                (SELECT COUNT(*) FROM feed) AS feed, (SELECT COUNT(*) FROM outbox) AS outbox, (SELECT COUNT(*) FROM rejected_events) AS rejected`,
      );
      expect(counts[0]).to.deep.equal({
        accounts: 0,
        operators: 0,
        visitors: 0,
        chats: 0,
        messages: 0,
        feed: 0,
        outbox: 0,
        rejected: 0,
      });
      const users = (await foyer.ejabberd.ctl('registered_users', foyer.ejabberd.host)).trim().split('\n');
      expect(users.filter((user) => /doctor|probe|visitor/.test(user))).to.deep.equal([]);
      expect(await foyer.ejabberd.ctl('srg_list', foyer.ejabberd.host)).to.not.match(/^foyer-doctor$/m);
    });

    it('and clears away what a test that was killed left behind', async () => {
      const [instance] = await foyer.select("SELECT id FROM instances WHERE name = 'foyer-doctor'");
      await run(
        foyer.bridge.core.pool,
        `INSERT INTO accounts (instance_id, kind, local, host, name, roster_group, password_box, state, last_used_at, created_at)
         VALUES (?, 'operator', 'probe-old.foyer-doctor', ?, 'x', 'operators.foyer-doctor', ?, 'ready', NOW(3), NOW(3) - INTERVAL 1 HOUR)`,
        [instance?.['id'], foyer.ejabberd.host, foyer.bridge.core.box.seal('x')],
      );
      expect((await examine()).code).to.equal(0);
      expect(await foyer.select("SELECT id FROM accounts WHERE local = 'probe-old.foyer-doctor'")).to.deep.equal([]);
    });
  });

  describe('names what is wrong with bridge and helpdesk:', () => {
    it('what was given up, as a warning', async () => {
      await run(
        foyer.bridge.core.pool,
        "INSERT INTO dead_letters (id, lane, target, instance_id, entry, attempts, reason, created_at, died_at) VALUES (99, 'h:1:c1', 'helpdesk', 1, '{}', 9, 'x', NOW(3), NOW(3))",
      );
      const { code, findings } = await examine({}, '--no-round-trip');
      await run(foyer.bridge.core.pool, 'DELETE FROM dead_letters');
      expect(code).to.equal(0);
      expect(findings.find(({ level }) => level === 'warn')).to.deep.include({ what: '1 entry was given up' });
    });

    it('what mod_foyer reported and nobody could use, as a warning', async () => {
      await run(
        foyer.bridge.core.pool,
        "INSERT INTO rejected_events (id, instance_id, host, code, reason, event, received_at) VALUES ('e1', 0, 'x.org', 'internal', 'x', '{}', NOW(3))",
      );
      const { code, findings } = await examine({}, '--no-round-trip');
      await run(foyer.bridge.core.pool, 'DELETE FROM rejected_events');
      expect(code).to.equal(0);
      expect(findings.find(({ level }) => level === 'warn')).to.deep.include({
        what: '1 event of mod_foyer was rejected',
      });
    });

    it('a helpdesk that doesn’t take its callbacks', async () => {
      const helpdesk = await receiver(500);
      const changed = { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' };
      await cli(['callback', 'set', helpdesk.url], { env: { ...env, ...changed } });
      await findsOnly(/helpdesk of main didn’t take a test callback \(HTTP 500\)/, /callback set/, changed);
      helpdesk.status = 204;
      const { findings } = await examine(changed, '--no-round-trip');
      expect(findings.map(({ what }) => what).join('\n')).to.match(/helpdesk of main took a test callback/);
      await cli(['callback', 'remove'], { env });
      await helpdesk.close();
    });

    it('a bridge that is down: then mod_foyer gets no answer either, and no test is made', async () => {
      await foyer.stopBridge();
      const { code, findings } = await examine();
      await foyer.startBridge();
      expect(code).to.equal(1);
      expect(failures(findings)).to.have.lengthOf(2);
      expect(failures(findings)[0]).to.match(/no bridge answers/);
      expect(findings.at(-1)).to.deep.include({ level: 'skip', what: 'round trip (needs: bridge)' });
    });

    it('a test conversation that doesn’t come through, and then takes its accounts away', async () => {
      // The signed test event passes; what operators write doesn't.
      await foyer.ejabberd.ctl('foyer_spool_pause', foyer.ejabberd.host);
      const { findings } = await examine();
      await foyer.ejabberd.ctl('foyer_spool_resume', foyer.ejabberd.host);
      expect(failures(findings).join('\n')).to.match(/spool is paused[^]*operator’s message didn’t reach the page/);
      await until(async () => (await examine()).code === 0, 'the doctor content again', 40);
    });
  });

  describe('looks at another ejabberd', () => {
    let other: PrivateEjabberd;
    afterEach(() => other.stop());
    const there = () => ({
      FOYER_EJABBERD_API_URL: other.apiUrl,
      FOYER_EJABBERD_API_PASSWORD: other.apiPassword,
      FOYER_EJABBERD_XMPP_URL: `xmpp://127.0.0.1:${other.c2sPort}`,
    });

    it('where mod_foyer isn’t loaded', async () => {
      other = await privateEjabberd({ hooksUrl: 'http://127.0.0.1:9/', moduleDir: undefined });
      await findsOnly(/^mod_foyer isn’t loaded$/, /module_install mod_foyer/, there());
    });

    it('where the API account may do too little and too much', async () => {
      other = await privateEjabberd({
        hooksUrl: `http://127.0.0.1:${foyer.gate.port}/hooks/ejabberd`,
        hooksSecrets: foyer.ejabberd.hooksSecrets,
      });
      const config = join(dirname(dirname(other.logFile)), 'ejabberd.yml');
      const text = await readFile(config, 'utf8');
      await writeFile(
        config,
        text.replace('- srg_create\n', '- connected_users\n').replace(/^ *- foyer_provision\n/m, ''),
      );
      await other.ctl('reload_config');
      const { findings } = await examine(there(), '--no-round-trip');
      expect(failures(findings)).to.deep.equal([
        'the API account may not run srg_create',
        'the API account may run more than it needs (connected_users)',
        'the API account may not run foyer_provision',
      ]);
    });
  });
});

async function receiver(status: number): Promise<{ url: string; status: number; close(): Promise<void> }> {
  const server: Server = createServer(
    (request, response) => void request.resume().on('end', () => response.writeHead(helpdesk.status).end()),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const helpdesk = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`,
    status,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  return helpdesk;
}
