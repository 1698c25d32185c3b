import { expect } from 'chai';
import { xml } from '@xmpp/client';
import { TestFoyer } from '../../support/bridge.js';
import { apiKey, helpdesk, type Helpdesk } from '../../support/helpdesk.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { openStream } from '../../support/page-stream.js';
import { until } from '../../support/until.js';
import { beginTalk, refusalOf, type Talk } from '../edges/talk.js';
import { enter, heard, leave, sayIn, stateOf, type Invitation } from './in-rooms.js';
import { aside, giveAccess, operatorId, setDepartment, watch, watchers, whispers } from './supervisors.js';

/** Anna talks to Vera; Mona monitors the department, Max and Mia manage it, Ben answers in it. */
describe('supervision of live chats', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let service: string;
  let api: Helpdesk;
  let anna: OperatorClient;
  let ben: OperatorClient;
  let mona: OperatorClient;
  let max: OperatorClient;
  let mia: OperatorClient;
  let vera: Talk;
  let number: number;
  let place: Invitation;
  const logins = {} as Record<'anna' | 'mona' | 'max' | 'mia', { user: string; password: string }>;

  before(async () => {
    foyer = await TestFoyer.start();
    service = `foyer@${foyer.settings.ejabberd.host}`;
    api = await helpdesk(foyer);
    logins.anna = await foyer.addOperator('anna', 'Anna');
    anna = await foyer.client(logins.anna);
    vera = await beginTalk(foyer, anna, 'I have a question');
    await anna.say(vera.contact, 'Go ahead');
    ({ number } = await vera.page.chat(vera.chatId));
    await vera.page.untilMessages(vera.chatId, 'the answer', (list) => list.length === 2);
    ben = await foyer.operator('ben', 'Ben');
    logins.mona = await foyer.addOperator('mona', 'Mona');
    mona = await foyer.client(logins.mona);
    logins.max = await foyer.addOperator('max', 'Max');
    max = await foyer.client(logins.max);
    logins.mia = await foyer.addOperator('mia', 'Mia');
    mia = await foyer.client(logins.mia);
    await giveAccess(foyer, 'mona', 'monitor');
    await giveAccess(foyer, 'max', 'manage');
    await giveAccess(foyer, 'mia', 'manage');
  });

  after(() => foyer.stop());

  /** What Foyer answers to a command. */
  async function ask(client: OperatorClient, line: string, to = service): Promise<string> {
    const before = client.texts(to).length;
    await client.say(to, line);
    return until(() => client.texts(to)[before], `an answer to ${line}`);
  }

  const said = async () => (await vera.page.messages(vera.chatId)).map(({ sender, text }) => `${sender}: ${text}`);

  it('lists the chats that go on to those who monitor, and to nobody else', async () => {
    expect(await ask(ben, '!chats')).to.contain('Only those who monitor or manage');
    const list = await ask(mona, '!chats');
    expect(list).to.contain(`${number}: Visitor`).and.to.contain('· Support · Anna ·');
    expect(list).to.contain('min ago: Go ahead');
    expect(await ask(ben, `!watch ${number}`)).to.contain('Only those who monitor or manage');
    expect(await watchers(foyer, vera.chatId)).to.deep.equal([]);
  });

  it('has who watches read what was and is said, without a voice and unseen by the visitor', async () => {
    const stream = await openStream(foyer.base, vera.page.token);
    place = await watch(foyer, mona, number, 'Mona');
    const own = mona.received.find((one) => one.is('presence') && one.attrs['from'] === `${place.room}/Mona`);
    expect(own?.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChild('item')?.attrs['role']).to.equal(
      'visitor',
    );
    const [before = ''] = await until(
      () => (heard(mona, place.room).length > 0 ? heard(mona, place.room) : null),
      'history',
    );
    expect(before).to.match(/^Foyer: .*\nVisitor \d+: I have a question\nAnna: Go ahead$/);
    await until(() => anna.texts(vera.contact).some((text) => text.includes('Watched by Mona')), 'Anna told');
    await vera.page.say(vera.chatId, 'Do you deliver to Malta?');
    await anna.say(vera.contact, 'We do');
    await until(
      () => heard(mona, place.room).some((line) => line.endsWith(': Do you deliver to Malta?')),
      'the visitor',
    );
    await until(() => heard(mona, place.room).includes('Foyer: Anna: We do'), 'and Anna in the room');
    const id = await sayIn(mona, place.room, 'typed by mistake');
    expect((await refusalOf(mona, id)).condition).to.equal('forbidden');
    await mona.send(xml('message', { to: place.room, type: 'groupchat' }, xml('subject', {}, 'A topic by mistake')));
    await anna.say(vera.contact, 'Within a week');
    await until(async () => (await said()).at(-1) === 'operator: Within a week', 'Anna’s words on the page');
    expect(await said()).to.deep.equal([
      ...['visitor: I have a question', 'operator: Go ahead', 'visitor: Do you deliver to Malta?'],
      ...['operator: We do', 'operator: Within a week'],
    ]);
    expect(stream.text()).not.to.contain('Mona').and.not.to.contain('mistake');
    expect(await watchers(foyer, vera.chatId)).to.deep.equal(['Mona']);
    expect((await vera.page.chat(vera.chatId)).operator?.name).to.equal('Anna');
    await stream.hangUp();
  });

  it('shows in its lists who watches, and in the audit who did what', async () => {
    const { chats } = (await api<{ chats: { id: number; watchers: unknown[] }[] }>('GET', '/chats?live')).body;
    expect(chats.map(({ id, watchers }) => ({ id, watchers }))).to.deep.equal([
      { id: vera.chatId, watchers: [{ id: await operatorId(foyer, 'mona'), name: 'Mona' }] },
    ]);
    expect(await ask(max, '!chats')).to.contain('watched by Mona');
    const audit = await foyer.select("SELECT actor, action FROM audit WHERE subject = ? AND action LIKE 'chat.%'", [
      `chat:${vera.chatId}`,
    ]);
    expect(audit.map(({ actor, action }) => `${actor} ${action}`)).to.include(
      `operator:${await operatorId(foyer, 'mona')} chat.watch`,
    );
  });

  it('carries whispers both ways, by command, by a private message and over the API, and keeps them', async () => {
    expect(await ask(mona, `!whisper ${number} Offer the refund`)).to.contain('Whispered');
    await until(() => anna.texts(vera.contact).some((text) => text.endsWith('\nOffer the refund')), 'at Anna');
    await anna.say(vera.contact, '!whisper 5 percent, or all of it?');
    await until(() => mona.texts(vera.contact).some((text) => text.endsWith('\n5 percent, or all of it?')), 'at Mona');
    await aside(mona, `${place.room}/Foyer`, 'All of it');
    await until(() => anna.texts(vera.contact).some((text) => text.endsWith('\nAll of it')), 'the aside at Anna');
    const operator = await operatorId(foyer, 'max');
    await api('POST', `/chats/${vera.chatId}/whispers`, { operator, text: 'Approved' });
    await until(() => anna.texts(vera.contact).some((text) => text.endsWith('\nApproved')), 'Max at Anna');
    await until(() => mona.texts(vera.contact).some((text) => text.endsWith('\nApproved')), 'Max at Mona');
    expect(await whispers(foyer, vera.chatId)).to.deep.equal([
      ...['Mona: Offer the refund', 'Anna: 5 percent, or all of it?', 'Mona: All of it', 'Max: Approved'],
    ]);
    expect(await ask(ben, `!whisper ${number} Let me in`)).to.contain(`Chat ${number} is not yours`);
    expect(await said()).to.have.length(5);
  });

  it('hears private words to the owner in the room as whispers, and lets none reach the visitor', async () => {
    await anna.say(vera.contact, '!invite anna');
    await until(
      async () => (await enter(anna, place.room, 'Anna', place.password)).attrs['type'] !== 'error',
      'Anna in',
    );
    await aside(mona, `${place.room}/Anna`, 'Between us');
    await until(
      () =>
        anna.received.some(
          (one) => one.attrs['from'] === `${place.room}/Mona` && one.getChildText('body') === 'Between us',
        ),
      'the private message at Anna',
    );
    await until(async () => (await whispers(foyer, vera.chatId)).includes('Mona: Between us'), 'it in the record');
    const nick = `Visitor ${vera.page.visitorId}`;
    await aside(mona, `${place.room}/${nick}`, 'To the visitor by mistake');
    await until(() => mona.texts(vera.contact).some((text) => text.includes('can’t speak in it')), 'Mona told');
    await leave(anna, place.room, 'Anna');
    await anna.say(vera.contact, 'Bye for now');
    await until(async () => (await said()).includes('operator: Bye for now'), 'the page');
    expect((await said()).join('\n'))
      .not.to.contain('Between us')
      .and.not.to.contain('mistake')
      .and.not.to.contain('Mona');
    expect(anna.texts(vera.contact).filter((text) => text.endsWith('Between us'))).to.deep.equal([]);
  });

  it('takes what a watcher writes to the contact for no message', async () => {
    expect(await ask(mona, 'Let me answer that', vera.contact)).to.contain('can’t speak in it');
    expect((await said()).join('\n')).not.to.contain('Let me answer that');
  });

  it('goes on over restarts of the bridge and of ejabberd', async () => {
    await foyer.stopBridge();
    await foyer.startBridge();
    await foyer.ejabberd.kill();
    await foyer.ejabberd.restart();
    mona = await foyer.client(logins.mona);
    anna = await foyer.client(logins.anna);
    max = await foyer.client(logins.max);
    mia = await foyer.client(logins.mia);
    await until(
      async () => (await enter(mona, place.room, 'Mona', place.password)).attrs['type'] !== 'error',
      'Mona in',
      40,
    );
    const role = mona.received.findLast((one) => one.is('presence') && one.attrs['from'] === `${place.room}/Mona`);
    expect(role?.getChild('x', 'http://jabber.org/protocol/muc#user')?.getChild('item')?.attrs['role']).to.equal(
      'visitor',
    );
    await until(
      async () => {
        await vera.page.visit();
        await vera.page.say(vera.chatId, 'Still there?');
        return until(() => heard(mona, place.room).some((line) => line.endsWith(': Still there?')), 'words', 3).catch(
          () => false,
        );
      },
      'the visitor’s words at Mona',
      60,
    );
    const id = await sayIn(mona, place.room, 'mistaken again');
    expect((await refusalOf(mona, id)).condition).to.equal('forbidden');
    expect(await watchers(foyer, vera.chatId)).to.deep.equal(['Mona']);
    const present = "SELECT jid FROM room_occupants WHERE present = 1 AND jid LIKE 'mona@%'";
    await until(async () => (await foyer.select(present)).length === 1, 'her lost client forgotten', 40);
  });

  it('is over when the watcher leaves by its client, and the page heard nothing of it', async () => {
    await leave(mona, place.room, 'Mona');
    await until(async () => (await watchers(foyer, vera.chatId)).length === 0, 'nobody watching');
    await until(async () => (await stateOf(foyer, place.room)) === 'closed', 'the room closed');
    expect((await said()).filter((line) => line.startsWith('system'))).to.deep.equal([
      ...['system: Anna has joined.', 'system: Anna has left.'],
    ]);
    expect(await ask(mona, `!leave ${number}`)).to.contain('neither watch');
    expect(await ask(anna, `!leave ${number}`)).to.contain('is yours: !transfer');
  });

  it('ends when the watcher types !leave, and when it comes no more; nobody tells the owner where that is set', async () => {
    await setDepartment(foyer, 'tell_watched', 0);
    const told = anna.texts(vera.contact).length;
    const first = await watch(foyer, mona, number, 'Mona', [place.room]);
    expect(await ask(mona, `!leave ${number}`)).to.contain('You have left');
    await mona.expect(
      'Mona put out',
      (one) => one.attrs['from'] === `${first.room}/Mona` && one.attrs['type'] === 'unavailable',
    );
    await until(async () => (await stateOf(foyer, first.room)) === 'closed', 'its room closed');
    await mona.say(service, `!watch ${number}`);
    await until(async () => (await watchers(foyer, vera.chatId)).length === 1, 'Mona watching');
    await setDepartment(foyer, 'grace_seconds', 0);
    await until(async () => (await watchers(foyer, vera.chatId)).length === 0, 'nobody watching any more', 30);
    await setDepartment(foyer, 'grace_seconds', 300);
    expect(
      anna
        .texts(vera.contact)
        .slice(told)
        .filter((text) => text.includes('Mona')),
    ).to.deep.equal([]);
    await setDepartment(foyer, 'tell_watched', 1);
  });

  it('gives the chat to who takes it over, and of two at once to the first', async () => {
    expect(await ask(mona, `!takeover ${number}`)).to.contain('You may not take over');
    const [one, other] = await Promise.all(
      ['max', 'mia'].map(async (user) => {
        const body = JSON.stringify({ operator: await operatorId(foyer, user) });
        return takeover(body);
      }),
    );
    expect([one?.status, other?.status].sort()).to.deep.equal([200, 409]);
    const [won, lost] = one?.status === 200 ? [max, mia] : [mia, max];
    const name = one?.status === 200 ? 'Max' : 'Mia';
    expect((one?.status === 200 ? other : one)?.code).to.equal('chat_taken');
    expect(await ask(lost, `!takeover ${number}`)).to.contain(`${name} has just taken over`);
    await until(() => won.texts(vera.contact).some((text) => /taken over[\s\S]*Still there\?/.test(text)), 'context');
    await until(
      () => anna.texts(vera.contact).some((text) => text.includes(`${name} has taken this chat over`)),
      'Anna told',
    );
    await until(async () => (await vera.page.chat(vera.chatId)).operator?.name === name, 'the page shows it');
    await won.say(vera.contact, 'I go on');
    await until(async () => (await said()).at(-1) === 'operator: I go on', 'on the page');
    expect(await ask(anna, 'And I?', vera.contact)).to.contain(`${name} has this chat`);
  });

  async function takeover(body: string): Promise<{ status: number; code?: string }> {
    const key = await apiKey(foyer.bridge.core);
    const response = await fetch(`${foyer.base}/api/v1/chats/${vera.chatId}/takeover`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body,
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, ...(code === undefined ? {} : { code }) };
  }

  it('lets who only monitors take over where that is set, ends its watch, and ends all with the chat', async () => {
    await setDepartment(foyer, 'monitors_take_over', 1);
    const old = await foyer.select("SELECT CONCAT(name, '@', service) AS jid FROM rooms");
    await watch(
      foyer,
      mona,
      number,
      'Mona',
      old.map((row) => row['jid'] as string),
    );
    await until(async () => (await ask(mona, '!takeover')).includes('You are now handling'), 'Mona the owner', 20);
    expect(await watchers(foyer, vera.chatId)).to.deep.equal([]);
    await mona.say(vera.contact, 'Now it is me');
    await until(async () => (await said()).at(-1) === 'operator: Now it is me', 'on the page');
    await api('PUT', `/chats/${vera.chatId}/watchers/${await operatorId(foyer, 'max')}`);
    expect(await watchers(foyer, vera.chatId)).to.deep.equal(['Max']);
    await until(() => max.texts(service).some((text) => text.includes('there you read chat')), 'Max invited');
    await mona.say(vera.contact, '!finish');
    await until(async () => (await watchers(foyer, vera.chatId)).length === 0, 'nobody watching');
    expect(await ask(max, `!whisper ${number} too late`)).to.contain('has ended');
    expect((await said()).filter((line) => line.startsWith('system: M'))).to.deep.equal([]);
  });
});
