import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { expect } from 'chai';
import { AdminClient } from '../../../../bridge/outbound/ejabberd/admin-client.js';
import { EjabberdError } from '../../../../bridge/outbound/ejabberd/admin-errors.js';

type Answer = { status?: number; body: unknown } | 'hang up';

/** An ejabberd API that answers as told and notes what it was asked. */
async function startApi(answer: (command: string, args: Record<string, unknown>, times: number) => Answer) {
  const asked: { command: string; args: Record<string, unknown>; authorization: string }[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const command = (request.url ?? '').replace('/api/', '');
      const args = JSON.parse(text) as Record<string, unknown>;
      asked.push({ command, args, authorization: request.headers.authorization ?? '' });
      const given = answer(command, args, asked.filter((one) => one.command === command).length);
      if (given === 'hang up') {
        request.socket.destroy();
      } else {
        response.writeHead(given.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(given.body));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new AdminClient({
    url: `http://127.0.0.1:${port}/api/`,
    user: 'api@h',
    password: 'öffen',
    timeoutMs: 5_000,
  });
  const close = async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
  };
  return { client, asked, close };
}

async function errorOf(work: Promise<unknown>): Promise<EjabberdError> {
  return work.then(
    () => expect.fail('it should have been refused'),
    (error: unknown) => error as EjabberdError,
  );
}

describe('the client of ejabberd’s API', () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  afterEach(() => api.close());

  it('takes an account that exists already for made', async () => {
    api = await startApi((_, __, times) =>
      times === 1 ? { body: 'done' } : { status: 409, body: { code: 10090, message: 'already registered' } },
    );
    expect(await api.client.register('a', 'h', 'p')).to.equal('created');
    expect(await api.client.register('a', 'h', 'p')).to.equal('exists');
    expect(api.asked[0]?.authorization).to.equal(`Basic ${Buffer.from('api@h:öffen').toString('base64')}`);
  });

  for (const [code, status, body] of [
    ['denied', 401, { code: 10, message: 'You are not authorized' }],
    ['denied', 403, { code: 32, message: 'AccessRules' }],
    ['unknown_command', 404, { code: 40, message: 'Endpoint not found.' }],
    ['unknown_command', 404, { code: 44, message: 'Command not found.' }],
    ['unknown_command', 400, 'unknown_command'],
    ['not_found', 404, 'unknown_user'],
    ['conflict', 409, { code: 1, message: 'exists' }],
    ['invalid', 400, 'Request have missing argument: user'],
    ['invalid', 500, { code: 10001, message: "Can't register user x: Malformed username" }],
    ['failed', 500, { code: 10001, message: "Can't register user x: database failure" }],
    ['failed', 500, 'internal_error'],
  ] as const) {
    it(`says ${code} to ${status} ${JSON.stringify(body)}`, async () => {
      api = await startApi(() => ({ status, body }));
      const error = await errorOf(api.client.call('foyer_info', {}));
      expect(error).to.be.instanceOf(EjabberdError);
      expect(error.code).to.equal(code);
      expect(error.retryable).to.equal(code !== 'invalid');
    });
  }

  it('repeats a call whose connection was closed under it, once', async () => {
    api = await startApi((_, __, times) => (times === 1 ? 'hang up' : { body: 0 }));
    await api.client.changePassword('a', 'h', 'p');
    expect(api.asked).to.have.length(2);
  });

  it('keeps passwords out of its errors', async () => {
    api = await startApi(() => 'hang up');
    const error = await errorOf(api.client.register('a', 'h', 'hunter2'));
    expect(error.code).to.equal('unreachable');
    expect(inspect(error, { depth: 9 })).to.not.match(/hunter2|Basic |öffen/);
  });

  it('reads results that are wrapped and results that are not', async () => {
    api = await startApi((_, __, times) => ({ body: times === 1 ? { num_resources: 2 } : 2 }));
    expect(await api.client.kickUser('a', 'h')).to.equal(2);
    expect(await api.client.kickUser('a', 'h')).to.equal(2);
  });

  it('finds the number of sessions in the sentence of newer versions', async () => {
    api = await startApi((_, __, times) => ({ body: `Kicked sessions: ${times === 1 ? 12 : 0}` }));
    expect(await api.client.kickUser('a', 'h')).to.equal(12);
    expect(await api.client.kickUser('a', 'h')).to.equal(0);
  });

  for (const [text, displays] of [
    ['', []],
    ['operators', ['operators']],
    ['visitors\noperators', ['visitors', 'operators']],
    ['visitors\n, \noperators', ['visitors', 'operators']],
  ] as const) {
    it(`reads the displayed groups of ${JSON.stringify(text)}`, async () => {
      api = await startApi(() => ({
        body: [
          { key: 'displayed_groups', value: text },
          { key: 'label', value: 'L' },
        ],
      }));
      expect(await api.client.getSharedRosterInfo('h', 'g')).to.deep.equal({ label: 'L', displays });
    });
  }

  for (const [status, version] of [
    ['Status: startedejabberd 23.01-1 is running in that node', { year: 23, month: 1 }],
    ['Status: started ejabberd 26.7.0 is running in that node', { year: 26, month: 7 }],
    ['Status: started ejabberd 25.10.0 is running in that node', { year: 25, month: 10 }],
    ['Status: started ejabberd soon is running in that node', null],
  ] as const) {
    it(`finds the version in “${status}”`, async () => {
      api = await startApi(() => ({ body: status }));
      expect(await api.client.version()).to.deep.equal(version);
    });
  }

  for (const [version, display] of [
    ['23.01', 'visitors\\noperators'],
    ['24.02', ['visitors', 'operators']],
    ['26.07', ['visitors', 'operators']],
  ] as const) {
    it(`tells ejabberd ${version} what a group displays in its own way`, async () => {
      api = await startApi((command) => {
        const info = [
          { key: 'label', value: 'L' },
          { key: 'displayed_groups', value: 'visitors\noperators' },
        ];
        return {
          body:
            command === 'status'
              ? `started\nejabberd ${version}-1 is running in that node`
              : command === 'srg_create'
                ? 0
                : info,
        };
      });
      await api.client.createSharedRosterGroup('h', 'operators', 'L', ['visitors', 'operators']);
      await api.client.createSharedRosterGroup('h', 'operators', 'L', ['visitors', 'operators']);
      const created = api.asked.filter(({ command }) => command === 'srg_create');
      expect(created.map(({ args }) => args['display'])).to.deep.equal([display, display]);
      expect(api.asked.filter(({ command }) => command === 'status')).to.have.length(1);
    });
  }

  it('tries the other way when the group comes out wrong, and says so when both do', async () => {
    api = await startApi((command) => ({
      body: command === 'status' ? 'odd' : command === 'srg_create' ? 0 : [{ key: 'displayed_groups', value: 'x' }],
    }));
    const error = await errorOf(api.client.createSharedRosterGroup('h', 'visitors', 'L', ['operators']));
    expect(error.code).to.equal('failed');
    const created = api.asked.filter(({ command }) => command === 'srg_create');
    expect(created.map(({ args }) => args['display'])).to.deep.equal([['operators'], 'operators']);
  });
});
