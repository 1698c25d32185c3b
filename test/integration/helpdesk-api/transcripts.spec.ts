import { expect } from 'chai';
import { rateChat } from '../../../bridge/domain/transcripts/annotations.js';
import { startBridge, type TestBridge } from './bridge.js';

type Json = Record<string, unknown>;
interface Found {
  transcripts: { chat: { id: number }; tags: string[]; rating: { score: number } | null }[];
  more: boolean;
}

describe('the record of chats', () => {
  let bridge: TestBridge;
  let shop: { id: number; key: string; department: number };
  let other: { id: number; key: string; department: number };
  let anna: { id: number; jid: string };
  let visitors = 0;

  before(async () => {
    bridge = await startBridge();
    shop = await bridge.instance('main');
    other = await bridge.instance('other');
    anna = await bridge.operator(shop, 'anna');
  });
  after(() => bridge.stop());

  const call = <T = Json>(method: string, path: string, body?: unknown) =>
    bridge.call<T>(shop.key, method, `/api/v1${path}`, body);

  /** A chat in which these words were said, ended unless it is to go on. */
  async function talk(texts: string[], { open = false, answer }: { open?: boolean; answer?: string } = {}) {
    const begun = await call<{ chat: { id: number } }>('POST', '/chats', {
      desk: 'main',
      visitor: { external_id: `t-${(visitors += 1)}`, nick: 'Ada' },
    });
    const { id } = begun.body.chat;
    for (const [i, text] of texts.entries())
      expect((await call('POST', `/chats/${id}/messages`, { text, message_id: `m${i}` })).status).to.equal(202);
    if (answer !== undefined)
      await call('POST', `/chats/${id}/messages`, {
        ...{ sender: 'operator', operator_id: anna.id, text: answer, message_id: 'a' },
      });
    if (!open) expect((await call('POST', `/chats/${id}/close`, {})).status).to.equal(200);
    return id;
  }

  const rate = (id: number, score: number, words = '') =>
    bridge.transactions.alone(async (tx) => {
      const chat = await tx.chats.lock(id);
      if (chat) await rateChat(tx, chat, score, words);
    });

  async function search(query: string): Promise<number[]> {
    const { status, body } = await call<Found>('GET', `/transcripts?${query}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.transcripts.map(({ chat }) => chat.id);
  }

  it('is searched by words: all of them, in whatever message, also as the beginning of longer ones', async () => {
    const refund = await talk(['I want a refund for my bicycle', 'order 4711'], { answer: 'Which size is it?' });
    const bicycles = await talk(['Do you sell bicycles?']);
    const open = await talk(['A refund for the bicycle, now'], { open: true });
    expect(await search('text=refund+bicycle')).to.deep.equal([refund]);
    expect(await search('text=bicycle')).to.deep.equal([bicycles, refund]);
    expect(await search('text=SIZE+is+it+4711')).to.deep.equal([refund]);
    expect(await search('text=%2B%22%29%28*')).to.deep.equal([]);
    await call('POST', `/chats/${open}/close`, {});
    expect(await search('text=refund')).to.deep.equal([open, refund]);
  });

  it('finds words of scripts without spaces, accents either way, and no wildcard that is typed', async () => {
    const id = await talk(['請問如何辦理退款手續', 'Grüße aus Zürich, 100%']);
    expect(await search(`text=${encodeURIComponent('退款')}`)).to.deep.equal([id]);
    expect(await search('text=zurich')).to.deep.equal([id]);
    expect(await search('text=%25')).to.deep.equal([]);
    expect(await search('text=_')).to.deep.equal([]);
  });

  it('is narrowed by operator, department, time, tag and rating, and paged', async () => {
    const ids: number[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift(await talk([`haystack ${i}`], { answer: 'yes' }));
    const [last = 0, middle = 0, first = 0] = ids;
    await call('PUT', `/chats/${middle}/tags`, { tags: ['#Needle', 'needle ', 'VIP'] });
    await rate(first, 2, 'slow');
    await rate(last, 5);
    expect(await search(`text=haystack&operator=${anna.id}&department=${shop.department}`)).to.deep.equal(ids);
    expect(await search('text=haystack&operator=999999')).to.deep.equal([]);
    expect(await search('text=haystack&tag=NEEDLE')).to.deep.equal([middle]);
    expect(await search('text=haystack&min_score=3')).to.deep.equal([last]);
    expect(await search('text=haystack&max_score=3')).to.deep.equal([first]);
    expect(await search('text=haystack&from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z')).to.deep.equal([]);
    const page = await call<Found>('GET', '/transcripts?text=haystack&limit=2');
    expect([page.body.transcripts.map(({ chat }) => chat.id), page.body.more]).to.deep.equal([[last, middle], true]);
    expect(await search(`text=haystack&limit=2&before=${middle}`)).to.deep.equal([first]);
    const [found] = (await call<Found>('GET', '/transcripts?text=haystack&tag=needle')).body.transcripts;
    expect(found).to.deep.include({ tags: ['needle', 'vip'], rating: null });
    expect((await call<{ tags: Json[] }>('GET', '/tags')).body.tags).to.deep.include({ tag: 'needle', chats: 1 });
  });

  it('holds notes that neither the messages nor the page have, and tells the helpdesk of each change', async () => {
    await bridge.query("UPDATE instances SET callback_url = 'http://127.0.0.1:1/' WHERE id = ?", [shop.id]);
    const id = await talk(['hm'], { open: true });
    const noted = await call<{ note: Json }>('POST', `/chats/${id}/notes`, { text: 'is a friend', author: 'Zoe' });
    expect(noted.status).to.equal(201);
    await call('POST', `/chats/${id}/notes`, { text: 'call back', operator_id: anna.id });
    await call('PUT', `/chats/${id}/tags`, { tags: ['later'] });
    await call('POST', `/chats/${id}/close`, {});
    await rate(id, 1, 'too slow');
    const { body } = await call<{ notes: Json[] }>('GET', `/chats/${id}/notes`);
    expect(body.notes.map(({ author, text }) => [author, text])).to.deep.equal([
      ['Zoe', 'is a friend'],
      ['Anna', 'call back'],
    ]);
    expect(JSON.stringify((await call('GET', `/chats/${id}/messages`)).body)).to.not.include('friend');
    const types = (await bridge.callbacks()).map(({ type, data }) => [type, data]) as [
      string,
      { chat: { id: number } },
    ][];
    const mine = types.filter(([, data]) => data.chat.id === id);
    expect(mine.map(([type]) => type).filter((type) => /noted|tagged|rated/.test(type))).to.deep.equal([
      ...['chat.noted', 'chat.noted', 'chat.tagged', 'chat.rated'],
    ]);
    expect(mine.at(-1)?.[1]).to.deep.nested.include({ 'rating.score': 1, 'rating.words': 'too slow' });
    await bridge.query('UPDATE instances SET callback_url = NULL WHERE id = ?', [shop.id]);
  });

  it('is given as JSON, as text and as a table', async () => {
    const id = await talk(['=1+1', 'two\nlines'], { answer: 'Hi, "Ada"' });
    await call('PUT', `/chats/${id}/tags`, { tags: ['sums'] });
    const json = await call<{ transcript: { tags: string[]; messages: Json[] } }>('GET', `/chats/${id}/transcript`);
    expect(json.body.transcript.messages.map(({ text }) => text)).to.deep.equal(['=1+1', 'two\nlines', 'Hi, "Ada"']);
    expect(json.body.transcript.tags).to.deep.equal(['sums']);
    const file = async (format: string) => {
      const response = await fetch(`${bridge.origin}/api/v1/chats/${id}/transcript?format=${format}`, {
        headers: { authorization: `Bearer ${shop.key}` },
      });
      return [response.headers.get('content-type'), await response.text()] as const;
    };
    const [textType, text] = await file('text');
    expect(textType).to.equal('text/plain; charset=utf-8');
    expect(text)
      .to.match(/^Chat \d+, .* UTC\n/)
      .and.to.include('Ada: two\nlines')
      .and.to.include('Anna: Hi, "Ada"');
    const [csvType, csv] = await file('csv');
    expect(csvType).to.equal('text/csv; charset=utf-8');
    expect(csv.split('\r\n')[1]).to.match(/^1,[^,]*,visitor,Ada,'=1\+1$/);
    expect(csv).to.include('"Hi, ""Ada"""');
  });

  it('is counted by department and operator, hour and day', async () => {
    const day = '2024-02-29';
    const moved = async (id: number, begun: string, accepted: string | null, closed: string) =>
      bridge.query('UPDATE chats SET created_at = ?, accepted_at = ?, closed_at = ? WHERE id = ?', [
        ...[`${day} ${begun}`, accepted === null ? null : `${day} ${accepted}`, `${day} ${closed}`, id],
      ]);
    const one = await talk(['a'], { answer: 'b' });
    const two = await talk(['a'], { answer: 'b' });
    const gone = await talk(['a']);
    await moved(one, '10:00:00', '10:00:10', '10:05:10');
    await moved(two, '10:30:00', '10:00:30', '10:40:30');
    await bridge.query('UPDATE chats SET accepted_at = ? WHERE id = ?', [`${day} 10:30:30`, two]);
    await moved(gone, '11:59:59', null, '12:10:00');
    await bridge.query("UPDATE chats SET state = 'abandoned' WHERE id = ?", [gone]);
    await bridge.query('UPDATE messages SET created_at = ? WHERE chat_id = ? AND sender = ?', [
      ...[`${day} 10:00:40`, one, 'operator'],
    ]);
    await bridge.query('UPDATE messages SET created_at = ? WHERE chat_id = ? AND sender = ?', [
      ...[`${day} 10:31:00`, two, 'operator'],
    ]);
    await rate(one, 5);
    await rate(two, 4);
    const span = `from=${day}T00:00:00Z&to=${day}T23:59:59Z`;
    const lines = async (more: string) =>
      (await call<{ statistics: Json[] }>('GET', `/statistics?${span}&${more}`)).body.statistics;
    expect(await lines('by=department&per=hour')).to.deep.equal([
      {
        ...{ at: `${day}T10:00:00.000Z`, id: shop.department, name: 'general', chats: 2, answered: 2 },
        ...{ abandoned: 0, missed: 0, average_wait: 20, longest_wait: 30, average_first_answer: 50 },
        ...{ average_handling: 450, ratings: 2, average_score: 4.5 },
      },
      {
        ...{ at: `${day}T11:00:00.000Z`, id: shop.department, name: 'general', chats: 1, answered: 0 },
        ...{ abandoned: 1, missed: 0, average_wait: null, longest_wait: null, average_first_answer: null },
        ...{ average_handling: null, ratings: 0, average_score: null },
      },
    ]);
    const [byOperator, ...rest] = await lines('by=operator&per=day');
    expect(rest).to.deep.equal([]);
    expect(byOperator).to.include({ at: `${day}T00:00:00.000Z`, id: anna.id, name: 'Anna', chats: 2 });
  });

  it('refuses what is malformed, too much, too early or another instance’s', async () => {
    const id = await talk(['x'], { open: true });
    const refused = async (method: string, path: string, body?: unknown, key = shop.key) =>
      (await bridge.call<Json>(key, method, `/api/v1${path}`, body)).body['code'];
    expect(await refused('GET', '/transcripts?from=yesterday')).to.equal('invalid_request');
    expect(await refused('GET', '/transcripts?min_score=6')).to.equal('invalid_request');
    expect(await refused('GET', '/statistics?from=2020-01-01T00:00:00Z&to=2024-01-01T00:00:00Z')).to.equal(
      'invalid_request',
    );
    expect(await refused('PUT', `/chats/${id}/tags`, { tags: Array(31).fill('x') })).to.equal('invalid_request');
    expect(await refused('POST', `/chats/${id}/notes`, { text: 'x' })).to.equal('invalid_request');
    expect(await refused('POST', `/chats/${id}/notes`, { text: 'x', operator_id: 999_999 })).to.equal('not_found');
    for (const [method, path, body] of [
      ['PUT', 'tags', { tags: [] }],
      ['GET', 'notes', undefined],
      ['POST', 'notes', { text: 'x', author: 'y' }],
      ['GET', 'transcript', undefined],
    ] as const)
      expect(await refused(method, `/chats/${id}/${path}`, body, other.key), path).to.equal('not_found');
    expect((await bridge.call<Found>(other.key, 'GET', '/api/v1/transcripts')).body.transcripts).to.deep.equal([]);
    let code = '';
    await rate(id, 5).catch((error: { code: string }) => (code = error.code));
    expect(code).to.equal('conflict');
  });
});
