import { expect } from 'chai';
import { settleOfflineMessage } from '../../../bridge/domain/offline/settle.js';
import { TestFoyer } from '../../support/bridge.js';
import type { OperatorClient } from '../../support/operator-client.js';
import { until } from '../../support/until.js';

describe('what is left at a closed desk', () => {
  let foyer: TestFoyer;
  let service: string;

  before(async () => {
    foyer = await TestFoyer.start();
    service = `foyer@${foyer.settings.ejabberd.host}`;
  });

  after(() => foyer.stop());

  let left = 0;
  async function leave(text: string, name = 'Vera'): Promise<number> {
    const page = foyer.page();
    await page.visit();
    const { body } = await page.call<{ offline_message: { id: number } }>('POST', '/offline-messages', {
      ...{ desk: 'main', name, email: 'vera@example.org', text, client_message_id: `left-${(left += 1)}` },
    });
    return body.offline_message.id;
  }
  const hears = (client: OperatorClient, words: string) =>
    until(() => client.texts(service).find((text) => text.includes(words)), `“${words}”`);

  it('is told to operators who are there, and to the others when they come: once, in one notice', async () => {
    const anna = await foyer.operator('anna', 'Anna');
    const bert = await foyer.addOperator('bert', 'Bert');
    await leave('Please call me\nback');
    expect(await hears(anna, 'Please call me')).to.equal(
      '[Foyer] Vera <vera@example.org> has left a message on https://shop.example/pricing:\nPlease call me\nback',
    );
    const answered = await leave('Already answered');
    await hears(anna, 'Already answered');
    await foyer.bridge.core.transactions.alone((tx) =>
      settleOfflineMessage(tx, 1, answered, { done: true, actor: 'test' }),
    );
    for (let n = 1; n <= 6; n += 1) await leave(`Number ${n}`, `Vera ${n}`);
    await hears(anna, 'Number 6');
    const first = await foyer.client(bert);
    const notice = await hears(first, 'were left since');
    expect(notice).to.match(/^\[Foyer\] 7 messages were left since \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(notice).to.contain('Vera 6 <vera@example.org>: Number 6\n').and.not.contain('Already answered');
    expect(notice.split('\n')).to.have.length(1 + 5 + 1);
    await first.stop();
    await until(async () => (await foyer.show('bert')) === 'offline', 'Bert has gone');
    const again = await foyer.client(bert);
    await leave('After all that');
    await hears(again, 'After all that');
    expect(again.texts(service).filter((text) => text.includes('were left since'))).to.deep.equal([]);
  });
});
