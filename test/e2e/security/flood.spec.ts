import { expect } from 'chai';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { openStream } from '../../support/page-stream.js';
import { Page } from '../../support/page.js';
import { until } from '../../support/until.js';
import { numbered, recorded } from '../edges/talk.js';

const CONNECTIONS = 20;
const CHATS_A_MINUTE = 15;
const REQUESTS_A_MINUTE = 60;
const HOME = '203.0.113.1';

describe('a flood of new chats', function () {
  this.timeout(120_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start({
      environment: {
        FOYER_HTTP_TRUSTED_PROXIES: '127.0.0.1',
        FOYER_LIMITS_CHATS_PER_MINUTE: String(CHATS_A_MINUTE),
        FOYER_LIMITS_REQUESTS_PER_MINUTE_PER_ADDRESS: String(REQUESTS_A_MINUTE),
        FOYER_LIMITS_OPEN_CHATS_PER_ADDRESS: '3',
        FOYER_LIMITS_CHATS_PER_HOUR_PER_ADDRESS: '6',
      },
    });
    anna = await foyer.operator('anna', 'Anna');
  });

  after(() => foyer.stop());

  const from = (address: string) => ({ 'x-forwarded-for': address });

  /** Comes as somebody new again and again until it is told to stop. @returns how it was answered */
  async function flood(address: (turn: number) => string, stopped: () => boolean): Promise<number[]> {
    const statuses: number[] = [];
    for (let turn = 0; !stopped(); turn += 1) {
      const page = new Page(foyer.base, from(address(turn)));
      const visit = await page.call<{ token?: string }>('POST', '/visits', { desk: 'main' });
      statuses.push(visit.status);
      page.token = visit.body.token;
      statuses.push((await page.call('POST', '/chats', { desk: 'main', text: 'Flood' })).status);
    }
    return statuses;
  }

  it('is refused, and a running chat goes on, each word once and in order', async () => {
    const vera = new Page(foyer.base, from(HOME));
    await vera.visit();
    const { id: chatId, cursor } = await vera.startChat('Hello');
    const contact = foyer.contact(vera);
    await until(() => anna.texts(contact).includes('Hello'), 'the question');
    const stream = await openStream(foyer.base, vera.token, { ...from(HOME), 'last-event-id': cursor });
    let stopped = false;
    const floods = Array.from({ length: CONNECTIONS }, (_, i) =>
      // Half of them share Vera's address, the others come from everywhere.
      flood(
        (turn) => (i % 2 === 0 ? HOME : `2001:db8:${i.toString(16)}:${(turn % 4).toString(16)}::1`),
        () => stopped,
      ),
    );
    const said = numbered('visitor', 25);
    const answered = numbered('operator', 25);
    let statuses: number[];
    try {
      await Promise.all([
        (async () => {
          for (const text of said) expect((await vera.say(chatId, text)).status).to.equal(202);
        })(),
        (async () => {
          for (const text of answered) await anna.say(contact, text);
        })(),
      ]);
      await until(() => anna.texts(contact).length > said.length, 'all of it at the operator', 60);
      await until(() => stream.text().includes('"operator 25"'), 'all of it at the page', 60);
    } finally {
      stopped = true;
      statuses = (await Promise.all(floods)).flat();
    }
    expect(anna.texts(contact)).to.deep.equal(['Hello', ...said]);
    const record = await recorded(foyer, chatId);
    expect(record.filter((text) => text.startsWith('visitor'))).to.deep.equal(said);
    expect(record.filter((text) => text.startsWith('operator'))).to.deep.equal(answered);
    const heard = [...stream.text().matchAll(/"text":"(operator \d+)"/g)].map(([, text]) => text);
    expect(heard).to.deep.equal(answered);
    await stream.hangUp();
    expect(new Set(statuses)).to.include(429);
    // No fault, and nobody who was let in had to be thrown out.
    expect(statuses.filter((status) => ![200, 201, 401, 429].includes(status))).to.deep.equal([]);
    const [row] = await foyer.select(
      'SELECT COUNT(*) AS begun, TIMESTAMPDIFF(SECOND, MIN(created_at), NOW(3)) AS seconds FROM chats',
    );
    const minutes = Math.floor(Number(row?.['seconds']) / 60) + 1;
    expect(Number(row?.['begun'])).to.be.at.most(CHATS_A_MINUTE * minutes);
  });
});
