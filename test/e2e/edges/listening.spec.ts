import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';
import { beginTalk, numbered, type Talk } from './talk.js';

interface PageEvent {
  cursor: string;
  number: number;
  kind: string;
  data: { message?: { number: number; text: string } | null; chat?: { id: number } | null };
}

describe('listening', () => {
  let foyer: TestFoyer;
  let anna: OperatorClient;
  let talk: Talk;

  before(async () => {
    foyer = await TestFoyer.start();
    anna = await foyer.operator('anna', 'Anna');
  });

  beforeEach(async () => {
    talk = await beginTalk(foyer, anna);
  });

  after(() => foyer.stop());

  const texts = (events: readonly PageEvent[]) =>
    events.flatMap(({ data }) => (data.message ? [data.message.text] : []));

  it('goes on after a cut of the stream where it was, missing and doubling nothing', async () => {
    const said = numbered('stream', 60);
    const events: PageEvent[] = [];
    let sent = 0;
    // Six streams one behind the other, each cut in the middle of things.
    for (let cut = 1; cut <= 6; cut += 1) {
      const stream = await openStream(talk, events.at(-1)?.cursor ?? `${talk.chatId}.0`, (event) => events.push(event));
      for (; sent < cut * 10; sent += 1) await anna.say(talk.contact, said[sent] ?? '');
      await until(() => texts(events).length > sent - 7, `more than ${sent - 7} heard`);
      await stream.cut();
    }
    const last = await openStream(talk, events.at(-1)?.cursor ?? '', (event) => events.push(event));
    await until(() => texts(events).includes('stream 60'), 'the last');
    await last.cut();
    expect(texts(events)).to.deep.equal(['Hello', ...said]);
    expect(events.map(({ number }) => number)).to.deep.equal(events.map((_, i) => i + 1));
  });

  it('hears everything once by long polls', async () => {
    const said = numbered('poll', 40);
    const events: PageEvent[] = [];
    const listening = (async () => {
      for (let cursor = `${talk.chatId}.0`; !texts(events).includes('poll 40');) {
        const { body } = await talk.page.call<{ events: PageEvent[]; cursor: string }>(
          'GET',
          `/events?cursor=${cursor}&wait=10`,
        );
        events.push(...body.events);
        cursor = body.cursor;
      }
    })();
    for (const text of said) await anna.say(talk.contact, text);
    await listening;
    expect(texts(events)).to.deep.equal(['Hello', ...said]);
    expect(events.map(({ number }) => number)).to.deep.equal(events.map((_, i) => i + 1));
  });

  it('begins with the chat as it is when there is no cursor, and only later events follow', async () => {
    const { body } = await talk.page.call<{ events: PageEvent[]; cursor: string }>('GET', '/events?wait=0');
    expect(body.events.map(({ kind, data }) => [kind, data.chat?.id])).to.deep.equal([['chat', talk.chatId]]);
    await anna.say(talk.contact, 'Next');
    const heard = await until(async () => {
      const later = await talk.page.call<{ events: PageEvent[] }>('GET', `/events?cursor=${body.cursor}&wait=5`);
      return later.body.events.some(({ kind }) => kind === 'message') ? later.body.events : null;
    }, 'the next message');
    expect(texts(heard)).to.deep.equal(['Next']);
  });

  it('tells a page whose cursor it can’t know to begin anew', async () => {
    const { body } = await talk.page.call<{ events: PageEvent[]; cursor: string }>(
      'GET',
      `/events?cursor=${talk.chatId}.99999&wait=5`,
    );
    expect(body.events.map(({ kind }) => kind)).to.deep.equal(['reset']);
    expect(body.cursor).to.equal((await talk.page.chat(talk.chatId)).cursor);
  });

  it('tells a page whose events have been cleaned away to begin anew', async () => {
    await anna.say(talk.contact, 'Next');
    await talk.page.untilMessages(talk.chatId, 'the next', (list) => list.length === 2);
    await foyer.bridge.core.pool.query('DELETE FROM feed WHERE chat_id = ? AND number <= 2', [talk.chatId]);
    const { body } = await talk.page.call<{ events: PageEvent[] }>('GET', `/events?cursor=${talk.chatId}.1&wait=5`);
    expect(body.events.map(({ kind }) => kind)).to.deep.equal(['reset']);
  });

  it('refuses what is no cursor, and a token that nobody has', async () => {
    for (const cursor of ['x', '1', '1.', '-1.2', '1.2.3', `1.${'9'.repeat(12)}`, '%00']) {
      const { status, body } = await talk.page.call('GET', `/events?cursor=${cursor}&wait=0`);
      expect([status, (body as { code?: string }).code], cursor).to.deep.equal([422, 'invalid_request']);
    }
    const stranger = foyer.page();
    expect((await stranger.call('GET', '/events?wait=0')).status).to.equal(401);
    stranger.token = 'no-such-token';
    expect((await stranger.call('GET', '/events?wait=0')).body).to.deep.include({ code: 'token_invalid' });
  });

  it('gives nobody the events of another visitor', async () => {
    const other = await beginTalk(foyer, anna, 'I am another');
    const { body } = await other.page.call<{ events: PageEvent[] }>('GET', `/events?cursor=${talk.chatId}.0&wait=0`);
    expect(texts(body.events)).to.not.include('Hello');
    expect(new Set(body.events.map(({ cursor }) => cursor.split('.')[0]))).to.deep.equal(
      new Set([String(other.chatId)]),
    );
  });

  it('goes over to the visitor’s next chat by itself', async () => {
    const events: PageEvent[] = [];
    const stream = await openStream(talk, `${talk.chatId}.0`, (event) => events.push(event));
    await talk.page.call('POST', `/chats/${talk.chatId}/close`, {});
    const next = await talk.page.startChat('Another thing');
    await until(() => texts(events).includes('Another thing'), 'the next chat');
    await stream.cut();
    expect(texts(events)).to.deep.equal(['Hello', 'Another thing']);
    expect(events.at(-1)?.cursor.startsWith(`${next.id}.`)).to.equal(true);
  });

  /** Server-sent events from behind this cursor; `cut` ends the connection without a word. */
  async function openStream(
    { page }: Talk,
    lastEventId: string,
    heard: (event: PageEvent) => void,
  ): Promise<{ cut(): Promise<void> }> {
    const controller = new AbortController();
    const response = await fetch(`${foyer.base}/visitor/v1/events`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${page.token}`, 'last-event-id': lastEventId },
      signal: controller.signal,
    });
    expect(response.headers.get('content-type')).to.contain('text/event-stream');
    const reading = (async () => {
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = new Map(
            block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
          );
          if (!fields.has('data')) continue;
          const event = JSON.parse(fields.get('data') ?? '') as PageEvent;
          expect([fields.get('id'), fields.get('event')]).to.deep.equal([event.cursor, event.kind]);
          heard(event);
        }
      }
    })().catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
    return {
      async cut() {
        controller.abort();
        await reading;
      },
    };
  }
});
