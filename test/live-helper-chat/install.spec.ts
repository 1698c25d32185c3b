import { expect } from 'chai';
import { until } from '../support/until.js';
import { changeSite } from './support/install.js';
import { Stand } from './support/stand.js';

describe('A real Live Helper Chat: the extension comes and goes', () => {
  let stand: Stand;

  before(async function () {
    this.timeout(180_000);
    stand = await Stand.start();
  });

  after(async () => stand.stop());

  const tables = async () =>
    (
      await stand.site.rows<{ name: string }>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'lhc\\_foyer%' ORDER BY 1",
      )
    ).map(({ name }) => name);

  it('makes its tables, and nothing more the second time', async () => {
    const made = await tables();
    expect(made).to.include.members([
      'lhc_foyer_chat',
      'lhc_foyer_message',
      'lhc_foyer_operator',
      'lhc_foyer_outbox',
      'lhc_foyer_received',
    ]);
    expect(await stand.site.cron('cron/install')).to.equal("Foyer's tables are in place.\n");
    expect(await tables()).to.deep.equal(made);
  });

  it('upgrades an older table', async () => {
    await stand.site.run('ALTER TABLE lhc_foyer_chat DROP COLUMN owner');
    await stand.site.run('ALTER TABLE lhc_foyer_outbox DROP INDEX lane_id');
    await stand.site.cron('cron/install');
    expect(await stand.site.rows("SHOW COLUMNS FROM lhc_foyer_chat LIKE 'owner'")).to.have.length(1);
    expect(
      (await stand.site.rows("SHOW INDEX FROM lhc_foyer_outbox WHERE Key_name = 'lane_id'")).length,
    ).to.be.greaterThan(0);
  });

  it('takes over the accounts of xmppservice', async () => {
    await stand.site
      .run(`CREATE TABLE lhc_xmpp_service_account (id bigint NOT NULL AUTO_INCREMENT, username varchar(250) NOT NULL, password varchar(250) NOT NULL,
      user_id bigint NOT NULL, type int NOT NULL, ctime int NOT NULL, lactivity int NOT NULL, sendmessage int NOT NULL, PRIMARY KEY (id))`);
    await stand.site.run(
      "INSERT INTO lhc_xmpp_service_account (username, password, user_id, type, ctime, lactivity, sendmessage) VALUES ('ada@xmpp.example', 'ada-secret-password', 1, 0, 0, 0, 1)",
    );
    expect(await stand.site.cron('cron/deliver')).to.include('ada: taken over from xmppservice');
    await until(
      async () => (await stand.bridgeRows("SELECT state FROM accounts WHERE local = 'ada'"))[0]?.['state'] === 'ready',
      'the account',
    );
    await stand.client('ada', 'ada-secret-password');
    expect(await stand.site.cron('cron/deliver')).to.not.include('taken over');
  });

  it('leaves nothing behind, and a site that works', async () => {
    await stand.site.run(
      "INSERT INTO lh_rolefunction (role_id, module, `function`, limitation) VALUES (2, 'lhfoyer', 'use_admin', '')",
    );
    await stand.site.cron('cron/uninstall');
    // Until it is taken out of the settings it is loaded, and finds nothing of its own.
    const visitor = stand.site.visitor();
    await visitor.view('/between');
    await visitor.start('In between', { nick: 'Vera' });
    await changeSite(stand.site.web, { extensions: [] });
    await stand.site.cron('cron/util/clear_cache', false);
    expect(await tables()).to.deep.equal([]);
    expect(await stand.site.rows("SELECT 1 FROM lh_chat_config WHERE identifier LIKE '%foyer%'")).to.deep.equal([]);
    expect(await stand.site.rows("SELECT 1 FROM lh_rolefunction WHERE module = 'lhfoyer'")).to.deep.equal([]);
    await visitor.view('/after');
    const id = await visitor.start('Still here?', { nick: 'Vera' });
    const web = await stand.site.backOffice();
    await web.ask(`chat/addmsgadmin/${id}`, { msg: 'Still here' });
    expect((await stand.site.said(id)).map(([, text]) => text)).to.include('Still here');
  });
});
