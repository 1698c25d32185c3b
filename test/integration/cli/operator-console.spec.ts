import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import { foyer as cli, spawnFoyer, startFoyer, type RunningCli } from '../../support/cli.js';

describe('the operator console', function () {
  this.timeout(60_000);
  let foyer: TestFoyer;
  let anna: { user: string; password: string };
  const open: RunningCli[] = [];

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.addOperator('anna', 'Anna');
  });
  after(() => foyer.stop());
  afterEach(async () => {
    for (const running of open.splice(0)) {
      running.type('/quit');
      await running.done;
    }
  });

  const args = (password = anna.password, user = anna.user) => ({
    argv: [
      'operator-console',
      '--jid',
      `${user}@${foyer.ejabberd.host}`,
      '--password-stdin',
      '--host',
      '127.0.0.1',
      '--port',
      String(foyer.ejabberd.c2sPort),
    ],
    password,
  });
  const login = async (who = anna) => {
    const { argv, password } = args(who.password, who.user);
    const running = startFoyer(argv);
    open.push(running);
    running.type(password);
    await running.sees(`Online as ${who.user}@`);
    return running;
  };

  it('carries a conversation with a visitor’s page both ways', async () => {
    const running = await login();
    const page = foyer.page();
    await page.visit({ nick: 'Vera', page: { url: 'https://shop.example/pricing' }, language: 'de' });
    await running.sees(/^\[1\] Vera.*on \/pricing, de\) came$/m);
    const chat = await page.startChat('Hello\nis anybody there?', { client_message_id: 'm1' });
    await running.sees(/^\[1\] Vera[^:]*: Hello\n {4}is anybody there\?$/m);
    running.type('Hi Vera, I am');
    const [, answer] = await page.untilMessages(chat.id, 'the answer', (messages) => messages.length === 2);
    expect(answer).to.include({ sender: 'operator', name: 'Anna', text: 'Hi Vera, I am' });
    await running.sees('[1] me: Hi Vera, I am');
    // The console says that it has shown the visitor's words, and the page that it has shown the operator's.
    await page.untilMessages(chat.id, 'seen', (messages) => messages[0]?.state === 'seen');
    await page.call('POST', `/chats/${chat.id}/typing`, { typing: true });
    await running.sees(/^\[1\] Vera.* is typing …$/m);
    await page.call('POST', `/chats/${chat.id}/seen`, { number: 2 });
    await running.sees(/^\[1\] Vera.* has seen it$/m);
  });

  it('keeps visitors apart by their numbers', async () => {
    const running = await login();
    const [vera, walt] = [foyer.page(), foyer.page()];
    await vera.visit({ nick: 'Vera2' });
    const veraChat = await vera.startChat('I am Vera');
    await running.sees(/^\[\d+\] Vera2.*: I am Vera$/m);
    await walt.visit({ nick: 'Walt' });
    const waltChat = await walt.startChat('I am Walt');
    await running.sees(/^\[\d+\] Walt.*: I am Walt$/m);
    const number = (name: string) => new RegExp(`^\\[(\\d+)\\] ${name}`, 'm').exec(running.out())?.[1];
    running.type(`${number('Vera2')} to Vera`);
    running.type(`@${number('Walt')} to Walt`);
    running.type('and again to Walt');
    const operatorTexts = async (page: typeof vera, id: number, count: number) =>
      (await page.untilMessages(id, 'answers', (messages) => messages.length > count)).slice(1).map(({ text }) => text);
    expect(await operatorTexts(vera, veraChat.id, 1)).to.deep.equal(['to Vera']);
    expect(await operatorTexts(walt, waltChat.id, 2)).to.deep.equal(['to Walt', 'and again to Walt']);
    running.type('/list');
    await running.sees(/Vera2.*\n\[\d+\] Walt/);
  });

  it('sends what was pasted without the characters that would end its stream', async () => {
    const running = await login();
    const page = foyer.page();
    await page.visit({ nick: 'Paula' });
    const chat = await page.startChat('How do I colour it?');
    await running.sees(/^\[\d+\] Paula.*: How do I colour it\?$/m);
    running.type('With \u001b[31m, \u0000, \u0008 or \uffff');
    running.type(' \u0000 \u0007');
    running.type('and so on');
    const texts = await page.untilMessages(chat.id, 'the rest', (messages) => messages.at(-1)?.text === 'and so on');
    expect(texts.slice(1).map(({ text }) => text)).to.deep.equal(['With [31m, ,  or', 'and so on']);
    expect(running.out()).to.not.include('Connection lost');
  });

  it('explains itself, and what it couldn’t do', async () => {
    // To anna somebody may still be saying something.
    const running = await login(await foyer.addOperator('berta'));
    running.type('hello?');
    await running.sees('Nobody has written yet');
    running.type('@99 hello');
    await running.sees('There is no contact 99.');
    running.type('/dance');
    await running.sees('There is no /dance; /help says what there is.');
    running.type('/help');
    await running.sees('answers whom you heard from last');
  });

  it('comes online again when ejabberd went away', async () => {
    const running = await login();
    await foyer.ejabberd.restart();
    await running.sees('Connection lost');
    await running.sees('Online again.', 30);
    const page = foyer.page();
    await page.visit({ nick: 'Late' });
    await page.startChat('Still there?');
    await running.sees(/^\[\d+\] Late.*: Still there\?$/m, 30);
  });

  it('ends with the end of its input, and with Ctrl-C', async () => {
    const [one, other] = [await login(), await login()];
    one.endInput();
    other.signal('SIGINT');
    expect(await one.done).to.equal(0);
    expect(await other.done).to.equal(0);
  });

  it('works in a pipe, as a program of its own', async () => {
    const { argv, password } = args();
    const running = spawnFoyer(argv);
    running.type(password);
    await running.sees('Online as', 30);
    const page = foyer.page();
    await page.visit({ nick: 'Pia' });
    const chat = await page.startChat('Hello from a page');
    await running.sees('Hello from a page');
    running.type('Hello from a pipe');
    await page.untilMessages(chat.id, 'the answer', (messages) => messages.at(-1)?.text === 'Hello from a pipe');
    running.endInput();
    expect(await running.done).to.equal(0);
    expect(running.err()).to.equal('');
    expect(running.out()).to.not.include(password);
  });

  it('says so when it isn’t let in, and when nobody is there', async () => {
    const { argv } = args();
    const refused = await cli(argv, { input: 'wrong-password' });
    expect(refused).to.include({ code: 1, out: '' });
    expect(refused.err)
      .to.match(/doesn’t let anna@\S+ in/)
      .and.not.include('wrong-password');
    const nobody = await cli([...argv.slice(0, -1), '9'], { input: 'x' });
    expect(nobody.code).to.equal(69);
    expect(nobody.err).to.match(/xmpp:\/\/127\.0\.0\.1:9 can’t be reached/);
  });

  it('takes no password from the command line, and needs one', async () => {
    const withoutPassword = await cli(['operator-console', '--jid', 'anna@example.org']);
    expect(withoutPassword.code).to.equal(64);
    expect(withoutPassword.err).to.include('--password-stdin is missing');
    expect((await cli(['operator-console', '--jid', 'anna@example.org', '--password', 'x'])).code).to.equal(64);
    expect((await cli(['operator-console', '--jid', 'anna', '--password-stdin'], { input: 'x' })).err).to.include(
      'name@domain',
    );
    const noDemo = await cli(['operator-console', '--root', '/nonexistent/root']);
    expect(noDemo.code).to.equal(69);
    expect(noDemo.err).to.include('npm start');
  });
});
