import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createLog } from '../../bridge/observe/log.js';
import { systemClock, type Clock } from '../../bridge/shared/clock.js';
import { beginTalk, numbered, recorded } from '../e2e/edges/talk.js';
import { TestFoyer } from '../support/bridge.js';
import { environmentOf, foyer as cli } from '../support/cli.js';
import { examinerOf } from '../support/doctor.js';
import type { OperatorClient } from '../support/operator-client.js';
import { until } from '../support/until.js';
import { spoolOf, untilDrained } from './support/mod-foyer.js';

const TEN_MINUTES = 600_000;
const TOLERANCE_MS = 300_000;

describe('a clock that is ten minutes off', function () {
  this.timeout(90_000);
  let foyer: TestFoyer;
  let anna: OperatorClient;

  before(async () => {
    foyer = await TestFoyer.start({ environment: { FOYER_HELPDESK_ALLOW_PRIVATE_ADDRESSES: 'true' } });
    anna = await foyer.operator('anna', 'Anna');
  });

  after(() => foyer.stop());

  /** The bridge goes on with a clock that is so much ahead of the one that ejabberd, the database and the helpdesk have. */
  async function restartBridge(aheadMs: number): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
    const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) };
    await foyer.stopBridge();
    await foyer.startBridge({ clock, log: createLog('warn', { write }) });
    return lines;
  }

  for (const [aheadMs, gap] of [
    [TEN_MINUTES, '10 minutes behind the bridge’s'],
    [-TEN_MINUTES, '10 minutes ahead of the bridge’s'],
  ] as const) {
    it(`keeps what operators write in the spool, and names itself everywhere: ejabberd’s is ${gap}`, async () => {
      const talk = await beginTalk(foyer, anna);
      const log = await restartBridge(aheadMs);
      const texts = numbered(`meanwhile, ${gap},`, 5);
      for (const text of texts) await anna.say(talk.contact, text);
      const refused = await until(() => log.find(({ msg }) => msg === 'webhook refused'), 'a line in the log', 30);
      expect(refused['clock']).to.equal(gap);
      await until(async () => (await spoolOf(foyer)).lastError.includes(gap), 'mod_foyer’s last error', 30, 50);
      const named = new RegExp(`HTTP 401.*clock.*${gap}`);
      await until(async () => named.test(await readFile(foyer.ejabberd.logFile, 'utf8')), 'a line in ejabberd’s log');
      await examinerOf(foyer).findsOnly(new RegExp(`ejabberd’s clock is ${gap}`), /NTP.*what waits is sent/);
      expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello']);

      await restartBridge(0);
      await untilDrained(foyer);
      expect(await recorded(foyer, talk.chatId)).to.deep.equal(['Hello', ...texts]);
      expect(await foyer.show('anna')).to.equal('available');
    });
  }

  it('is named where a helpdesk refuses callbacks for it, and they arrive when it is right again', async () => {
    const helpdesk = await Receiver.open();
    const env = environmentOf(foyer.settings);
    expect((await cli(['callback', 'set', helpdesk.url], { env })).code).to.equal(0);
    await restartBridge(TEN_MINUTES);
    const page = foyer.page();
    await page.visit();
    const { id: chatId } = await page.startChat('Is anybody there?');
    const lastErrors = async () =>
      (JSON.parse((await cli(['outbox', 'list', '--json'], { env })).out) as { last_error: string | null }[]).map(
        ({ last_error: error }) => error ?? '',
      );
    const named = /^HTTP 400 \(its clock is 10 minutes behind the bridge’s\)$/;
    await until(async () => (await lastErrors()).some((error) => named.test(error)), 'the reason', 30, 100);
    expect(helpdesk.taken).to.deep.equal([]);

    await restartBridge(0);
    await until(() => helpdesk.taken.some((body) => body.includes(`"id":${chatId}`)), 'the callback', 40);
    expect((await cli(['callback', 'remove'], { env })).code).to.equal(0);
    await helpdesk.close();
  });
});

/** A helpdesk with a right clock, that looks at the time of a callback only. */
class Receiver {
  readonly taken: string[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const apart = Math.abs(Number(request.headers['webhook-timestamp']) * 1000 - Date.now());
        if (apart <= TOLERANCE_MS) receiver.taken.push(Buffer.concat(chunks).toString());
        response.writeHead(apart <= TOLERANCE_MS ? 204 : 400).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const receiver: Receiver = new Receiver(server);
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
