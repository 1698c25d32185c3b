import { expect } from 'chai';
import { AckQueue } from '../../../../bridge/outbound/xmpp/ack-queue.js';

/** Sends `count` stanzas; `log` gets what became of each, in the order in which it became known. */
function send(queue: AckQueue, count: number, log: string[]): Promise<void[]> {
  const names = Array.from({ length: count }, (_, i) => String(i));
  return Promise.all(
    names.map((name) =>
      queue.wait().then(
        () => void log.push(name),
        () => void log.push(`!${name}`),
      ),
    ),
  );
}

describe('stanzas that await acknowledgement', () => {
  it('resolve up to the count that the server has handled', async () => {
    const queue = new AckQueue();
    const log: string[] = [];
    const all = send(queue, 5, log);
    queue.acknowledge(2);
    expect(queue.length).to.equal(3);
    queue.acknowledge(2);
    queue.acknowledge(5);
    await all;
    expect(log).to.deep.equal(['0', '1', '2', '3', '4']);
  });

  it('are rejected in their order when the stream ends', async () => {
    const queue = new AckQueue();
    const log: string[] = [];
    const all = send(queue, 3, log);
    queue.acknowledge(1);
    queue.fail(new Error('over'));
    await all;
    expect(log).to.deep.equal(['0', '!1', '!2']);
  });

  it('count stanzas that nobody waits for', async () => {
    const queue = new AckQueue();
    queue.count();
    const sent = queue.wait();
    queue.acknowledge(1);
    expect(queue.length).to.equal(1);
    queue.acknowledge(2);
    await sent;
  });

  it('are not touched by a count that cannot be', () => {
    const queue = new AckQueue();
    queue.wait().catch(() => undefined);
    queue.acknowledge(7);
    queue.acknowledge(Number.NaN);
    expect(queue.length).to.equal(1);
  });

  it('tell when none is left', async () => {
    const queue = new AckQueue();
    await queue.empty();
    const sent = queue.wait();
    const empty = queue.empty();
    queue.acknowledge(1);
    await Promise.all([sent, empty]);
  });
});
