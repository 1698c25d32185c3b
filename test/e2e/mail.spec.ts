import { expect } from 'chai';
import { resendDeadLetter } from '../../bridge/domain/outbox/resend.js';
import { eraseVisitor } from '../../bridge/domain/visitors/erase-visitor.js';
import { createLog } from '../../bridge/observe/log.js';
import { run } from '../../bridge/storage/pool.js';
import { freePort } from '../../bridge/stack/ports.js';
import { TestFoyer } from '../support/bridge.js';
import { MailServer, type Arrived } from '../support/mail-server.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { beginTalk, type Talk } from './edges/talk.js';

const LOGIN = { user: 'foyer', password: 'mail-secret-4711' };

describe('mail', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let server: MailServer;
  let log = '';

  before(async () => {
    server = await MailServer.start(LOGIN, await freePort());
    foyer = await TestFoyer.start({
      environment: {
        FOYER_MAIL_HOST: '127.0.0.1',
        FOYER_MAIL_PORT: String(server.port),
        FOYER_MAIL_ENCRYPTION: 'none',
        FOYER_MAIL_USER: LOGIN.user,
        FOYER_MAIL_PASSWORD: LOGIN.password,
        FOYER_MAIL_FROM: 'chat@shop.example',
        FOYER_MAIL_TIMEOUT_SECONDS: '1',
        FOYER_MAIL_PER_ADDRESS_PER_DAY: '4',
      },
      log: createLog('debug', { write: (line) => void (log += line) }),
    });
    anna = await foyer.operator('anna', 'Anna');
  });

  afterEach(() => {
    server.refuse = null;
    server.silent = false;
  });

  after(async () => {
    await foyer.stop();
    await server.stop();
  });

  /** A chat that Anna has answered and the visitor has ended. */
  async function over(words = 'Hello', nick = 'Vera'): Promise<Talk> {
    const page = foyer.page();
    await page.visit({ nick, language: 'de' });
    const { id: chatId } = await page.startChat(words);
    const contact = foyer.contact(page);
    await until(() => anna.texts(contact).length > 0, 'the words at the operator');
    await anna.say(contact, 'Hi & <welcome>');
    await page.untilMessages(chatId, 'the answer', (list) => list.length === 2);
    await page.call('POST', `/chats/${chatId}/close`, {});
    return { page, chatId, contact };
  }

  let asked = 0;
  const ask = ({ page, chatId }: Talk, email: string, id = `mail-${(asked += 1)}`) =>
    page.call<{ code?: string }>('POST', `/chats/${chatId}/mail`, { email, client_message_id: id });
  const to = (address: string) => server.arrived.filter((one) => one.to.includes(address));
  const arrives = (address: string): Promise<Arrived> => until(() => to(address)[0], `mail to ${address}`, 20);
  const waits = async (chatId: number) =>
    (await foyer.select('SELECT attempts, last_error FROM lanes WHERE name = ?', [`m:1:c${chatId}`]))[0];
  const nothingWaits = () =>
    until(
      async () => (await foyer.select("SELECT id FROM outbox WHERE lane LIKE 'm:%'")).length === 0,
      'the mails to leave',
    );
  const hurry = () =>
    run(foyer.bridge.core.pool, "UPDATE lanes SET due_at = NOW(3) WHERE target = 'mail' AND due_at IS NOT NULL");

  it('brings the conversation as text and HTML, in the visitor’s language, once for each request', async () => {
    const talk = await over('Grüße\n<script>alert(1)</script>');
    expect((await ask(talk, 'vera@example.org', 'same')).status).to.equal(204);
    expect((await ask(talk, 'vera@example.org', 'same')).status).to.equal(204);
    const { mail, raw } = await arrives('vera@example.org');
    expect(mail.subject).to.equal('Ihr Gespräch mit Shop');
    expect(mail.from?.value[0]).to.deep.include({ address: 'chat@shop.example' });
    expect(mail.text).to.contain('Vera: Grüße\n<script>alert(1)</script>').and.to.contain('Anna: Hi & <welcome>');
    expect(mail.html).to.contain('&#60;script&#62;alert(1)').and.not.contain('<script');
    expect(mail.messageId).to.match(/^<foyer\.[0-9A-Z]{26}@shop\.example>$/);
    expect(raw).to.contain('Auto-Submitted: auto-generated');
    await nothingWaits();
    expect(to('vera@example.org')).to.have.length(1);
  });

  it('leaves out what the visitor may not read', async () => {
    const talk = await over();
    await anna.say(talk.contact, '!note is a liar');
    await anna.say(talk.contact, '!tag secret-tag');
    await until(async () => (await foyer.select('SELECT tag FROM chat_tags')).length > 0, 'the tag');
    await ask(talk, 'notes@example.org');
    const { raw, mail } = await arrives('notes@example.org');
    expect(`${raw}${mail.text}${String(mail.html)}`).to.not.match(/liar|secret-tag/);
  });

  it('is sent by an operator to the visitor, or to whoever is named', async () => {
    const talk = await beginTalk(foyer, anna);
    await anna.say(talk.contact, '!mail');
    await until(
      () => anna.texts(talk.contact).some((text) => text.includes('isn’t known')),
      'a word about the address',
    );
    await anna.say(talk.contact, '!mail boss@example.org');
    expect((await arrives('boss@example.org')).mail.text).to.contain('Hello');
    await talk.page.visit({ email: 'known@example.org' });
    await anna.say(talk.contact, '!mail');
    await arrives('known@example.org');
    await anna.say(talk.contact, '!mail nobody');
    await until(() => anna.texts(talk.contact).some((text) => text.includes('no e-mail address')), 'a refusal');
  });

  it('goes only to addresses, after answered chats that are over, and so many times', async () => {
    const talk = await over();
    for (const address of [
      'a@b.example\r\nBcc: all@example.org',
      'a@b.example, c@d.example',
      '"a b"@c.example',
      'a@[127.0.0.1]',
      'a@localhost',
      '<a@b.example>',
      `${'a'.repeat(65)}@b.example`,
    ])
      expect((await ask(talk, address)).status, address).to.equal(422);
    const running = await beginTalk(foyer, anna);
    expect((await ask(running, 'early@example.org')).body.code).to.equal('conflict');
    await running.page.call('POST', `/chats/${running.chatId}/close`, {});
    expect((await ask(running, 'early@example.org')).body.code, 'nobody has answered').to.equal('conflict');
    for (const n of [1, 2, 3]) expect((await ask(talk, `n${n}@example.org`)).status).to.equal(204);
    expect((await ask(talk, 'n4@example.org')).body.code, 'the fourth of a chat').to.equal('conflict');
    const others = [await over(), await over()] as const;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await ask(others[i % 2] as Talk, 'Often@example.org')).status);
    expect(statuses, 'to one address').to.deep.equal([204, 204, 204, 204, 409, 409]);
    await nothingWaits();
    expect([...to('early@example.org'), ...to('all@example.org'), ...to('c@d.example')]).to.deep.equal([]);
  });

  it('keeps names and words from becoming headers', async () => {
    const talk = await over('Hi', 'Eve\nBcc: evil@example.org');
    await run(foyer.bridge.core.pool, "UPDATE desks SET name = 'Shop\\r\\nBcc: evil@example.org'");
    await run(foyer.bridge.core.pool, "UPDATE desks SET mail_to = 'desk@example.org'");
    await ask(talk, 'victim@example.org');
    const left = foyer.page();
    await left.visit();
    await left.call('POST', '/offline-messages', {
      ...{ desk: 'main', name: 'Eve "<x@y.example>", evil@example.org', email: 'eve@example.org', text: 'Call me' },
      client_message_id: 'left-1',
    });
    await over('The whole record');
    await until(() => to('desk@example.org').length === 2, 'what was left, and the chat, at the desk');
    await arrives('victim@example.org');
    await run(foyer.bridge.core.pool, "UPDATE desks SET name = 'Shop', mail_to = NULL");
    for (const { raw, mail } of [...to('victim@example.org'), ...to('desk@example.org')]) {
      expect(raw.split('\r\n\r\n')[0]).to.not.match(/^bcc:/im);
      expect(mail.bcc).to.equal(undefined);
      expect(mail.replyTo?.value ?? []).to.have.length.at.most(1);
    }
    expect(to('evil@example.org')).to.deep.equal([]);
    const [message] = to('desk@example.org').filter(({ mail }) => mail.text?.includes('Call me'));
    expect(message?.mail.replyTo?.value[0]?.address).to.equal('eve@example.org');
  });

  it('waits for a server that is down, that is silent, or that says “later”, and comes with the same Message-ID', async () => {
    const talk = await over();
    server.silent = true;
    await ask(talk, 'patient@example.org');
    await until(async () => Number((await waits(talk.chatId))?.['attempts']) > 0, 'a try that failed');
    server.silent = false;
    server.refuse = { code: 451, text: 'greylisted' };
    await hurry();
    await until(async () => String((await waits(talk.chatId))?.['last_error']).includes('451'), 'the reason');
    server.refuse = null;
    const { port } = server;
    const earlier = server.arrived.map(({ mail }) => mail.messageId);
    await server.stop();
    await hurry();
    await until(
      async () => String((await waits(talk.chatId))?.['last_error']).includes('ECONNREFUSED'),
      'nobody there',
    );
    server = await MailServer.start(LOGIN, port);
    await hurry();
    const { mail } = await arrives('patient@example.org');
    expect(earlier).to.include(mail.messageId);
    await nothingWaits();
  });

  it('is given up when the server refuses it for good, and can be sent again', async () => {
    const talk = await over();
    server.refuse = { code: 550, text: 'no such user' };
    await ask(talk, 'gone@example.org');
    const letter = await until(
      async () => (await foyer.select("SELECT id, reason FROM dead_letters WHERE target = 'mail'"))[0],
      'a dead letter',
    );
    expect(letter['reason']).to.contain('550');
    server.refuse = null;
    await foyer.bridge.core.transactions.alone((tx) => resendDeadLetter(tx, 1, letter['id'] as number));
    await arrives('gone@example.org');
  });

  it('isn’t sent to somebody who has been forgotten meanwhile', async () => {
    const talk = await over('Forget me');
    server.refuse = { code: 451, text: 'later' };
    await ask(talk, 'forgotten@example.org');
    await until(async () => Number((await waits(talk.chatId))?.['attempts']) > 0, 'a try that failed');
    await foyer.bridge.core.transactions.alone((tx) => eraseVisitor(tx, 1, talk.page.visitorId, 'test'));
    server.refuse = null;
    await hurry();
    await nothingWaits();
    expect(to('forgotten@example.org')).to.deep.equal([]);
    expect(JSON.stringify(await foyer.select('SELECT entry FROM outbox'))).to.not.contain('forgotten@example.org');
  });

  it('says its password nowhere', () => {
    expect(log).to.contain('451 greylisted');
    expect(log).to.not.contain(LOGIN.password);
    expect(log).to.not.contain(Buffer.from(LOGIN.password).toString('base64'));
  });
});

describe('without mail settings', () => {
  let foyer: TestFoyer;

  before(async () => {
    foyer = await TestFoyer.start();
  });

  after(() => foyer.stop());

  it('pages are told so, and nothing is taken', async () => {
    const page = foyer.page();
    const { desk } = (await page.visit()) as unknown as { desk: { mail: boolean } };
    expect(desk.mail).to.equal(false);
    const { id } = await page.startChat('Hello');
    const answer = await page.call('POST', `/chats/${id}/mail`, { email: 'a@b.example', client_message_id: 'm' });
    expect(answer).to.deep.include({ status: 409 }).and.to.have.nested.property('body.code', 'mail_disabled');
  });
});
