import { expect } from 'chai';
import { createDepartment } from '../../../bridge/domain/instances/desks.js';
import { createInstance } from '../../../bridge/domain/instances/create-instance.js';
import { closeChat } from '../../../bridge/domain/chats/close-chat.js';
import { postVisitorMessage } from '../../../bridge/domain/chats/post-visitor-message.js';
import { rateChat, setTags } from '../../../bridge/domain/transcripts/annotations.js';
import { rows } from '../../../bridge/storage/pool.js';
import { cliDatabase, type CliDatabase } from '../../support/cli-database.js';

const LIMITS = { messageBytes: 30_720, chatBytes: 2_097_152 };

describe('the record at the command line', () => {
  let db: CliDatabase;
  let visitorId: number;

  before(async function () {
    this.timeout(60_000);
    db = await cliDatabase();
    await db.works('migrate');
    const { transactions } = db.core;
    const department = await transactions.alone(async (tx) => {
      const { id } = await createInstance(tx, ['example.org'], {
        name: 'main',
        displayName: 'Main',
        host: 'example.org',
      });
      return createDepartment(tx, id, 'Support');
    });
    for (const [nick, text] of [
      ['Ada', 'Where is my =parcel, please?'],
      ['Bob', 'Good morning\nsay "hi"'],
    ] as const) {
      const chatId = await transactions.alone(async (tx) => {
        const visitor = await tx.visitors.create({ instanceId: 1, deskId: null, externalId: nick });
        Object.assign(visitor, { nick });
        visitorId = visitor.id;
        const account = await tx.accounts.create({
          ...{ instanceId: 1, kind: 'visitor', local: `visitor.${visitor.id}`, host: 'example.org' },
          ...{ name: nick, rosterGroup: 'visitors' },
        });
        const chat = await tx.chats.create({
          ...{ instanceId: 1, visitorId: visitor.id, accountId: account.id, deskId: null },
          ...{ departmentId: department.id, state: 'waiting', initiator: 'visitor', operatorId: null },
        });
        visitor.lastChatId = chat.id;
        await postVisitorMessage(tx, LIMITS, chat, text, 'p:1');
        return chat.id;
      });
      await transactions.alone(async (tx) => {
        const chat = await tx.chats.lock(chatId);
        if (!chat) throw new Error('no chat');
        await closeChat(tx, chat, 'visitor');
        await setTags(tx, chat, [nick]);
        await rateChat(tx, chat, nick === 'Ada' ? 2 : 5, '');
      });
    }
  });
  after(() => db.close());

  const numbers = async (...argv: string[]) =>
    (await db.json<{ chat: number }[]>('transcripts', ...argv)).map(({ chat }) => chat);

  it('is searched', async () => {
    expect(await numbers()).to.deep.equal([2, 1]);
    expect(await numbers('--text', 'parcel')).to.deep.equal([1]);
    expect(await numbers('--tag', 'BOB', '--department', 'Support')).to.deep.equal([2]);
    expect(await numbers('--to', '2020-01-01T00:00:00Z')).to.deep.equal([]);
    expect(await db.works('transcripts', '--text', 'nowhere')).to.equal('No chat is like that.\n');
    expect(await db.refused('transcripts', '--from', 'yesterday')).to.include('--from');
  });

  it('is exported as a table, as text and as JSON', async () => {
    const csv = (await db.works('transcripts', 'export')).split('\r\n');
    expect(csv).to.have.length(4);
    expect(csv[0]).to.match(/^chat,state,begun/);
    expect(csv[1]).to.match(/^2,closed,.*,Support,,Bob,,1,bob,5,,$/);
    expect(await db.works('transcripts', 'export', '--format', 'text')).to.include('Bob: Good morning\nsay "hi"');
    const lines = (await db.works('transcripts', 'export', '--format', 'json')).trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { messages: { text: string }[] });
    expect(all.map(({ messages }) => messages[0]?.text)).to.deep.equal([
      'Good morning\nsay "hi"',
      'Where is my =parcel, please?',
    ]);
    expect(await db.refused('transcripts', 'export', '--format', 'pdf')).to.include('--format');
  });

  it('is counted', async () => {
    const [line] = await db.json<Record<string, unknown>[]>('statistics');
    expect(line).to.include({ department: 'Support', chats: 2, answered: 0, ratings: 2, score: 3.5 });
    expect(await db.json('statistics', '--by', 'operator', '--per', 'hour')).to.deep.equal([]);
    expect(await db.refused('statistics', '--by', 'moon')).to.include('--by');
  });

  it('is erased', async () => {
    const said = await db.works('erase', 'visitor', String(visitorId));
    expect(said).to.equal(`Visitor ${visitorId} is forgotten, with what was said in 1 chats.\n`);
    expect(await numbers('--text', 'morning')).to.deep.equal([]);
    expect(await db.works('transcripts', 'export', '--format', 'text')).to.not.include('Bob');
    expect(await db.refused('erase', 'visitor', '999')).to.include('no such visitor');
    expect(await rows(db.core.pool, "SELECT id FROM audit WHERE action = 'visitor.erase'")).to.have.length(1);
  });
});
