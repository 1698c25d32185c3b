import { expect } from 'chai';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { privateEjabberd, type PrivateEjabberd } from '../../support/stack.js';

describe('the private ejabberd', () => {
  let node: PrivateEjabberd;
  const call = async (command: string, body: unknown, user = node.apiUser, password = node.apiPassword) => {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const answer = await fetch(`${node.apiUrl}/${command}`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };

  before(async function () {
    this.timeout(90_000);
    node = await privateEjabberd({
      hooksUrl: 'http://127.0.0.1:9/hooks/ejabberd',
      apiPassword: `quote " ' \\ € space`,
    });
  });
  after(async () => node.stop());

  it('runs mod_foyer, installed as any contributed module is', async () => {
    expect(await node.ctl('modules_installed')).to.match(/^mod_foyer\b/m);
    expect((await call('foyer_info', { host: node.host })).status).to.equal(200);
  });

  it('lets the account of the bridge run the commands that the bridge needs', async () => {
    expect((await call('status', {})).status).to.equal(200);
    expect((await call('register', { user: 'visitor.7', host: node.host, password: 'v' })).status).to.equal(200);
    expect(
      (await call('set_vcard', { user: 'visitor.7', host: node.host, name: 'FN', content: 'Anna' })).status,
    ).to.equal(200);
    expect(
      (await call('srg_create', { group: 'g', host: node.host, label: 'G', description: '', display: '' })).status,
    ).to.equal(200);
    expect(
      (await call('srg_user_add', { user: 'visitor.7', host: node.host, group: 'g', grouphost: node.host })).status,
    ).to.equal(200);
    expect((await call('user_sessions_info', { user: 'visitor.7', host: node.host })).status).to.equal(200);
    expect((await call('unregister', { user: 'visitor.7', host: node.host })).status).to.equal(200);
  });

  it('refuses it every other command', async () => {
    const denied: [string, object][] = [
      ['stop', {}],
      ['restart', {}],
      ['reload_config', {}],
      ['registered_users', { host: node.host }],
      ['dump_config', { out: '/dev/null' }],
      ['module_install', { module: 'mod_foyer' }],
      ['get_roster', { user: 'anna', host: node.host }],
    ];
    for (const [command, body] of denied) expect((await call(command, body)).status, command).to.equal(403);
  });

  it('refuses every other account, wrong passwords and strangers', async () => {
    await call('register', { user: 'visitor.8', host: node.host, password: 'v' });
    expect((await call('status', {}, `visitor.8@${node.host}`, 'v')).status).to.equal(403);
    expect(
      (await call('register', { user: 'x', host: node.host, password: 'x' }, `visitor.8@${node.host}`, 'v')).status,
    ).to.equal(403);
    expect((await call('status', {}, node.apiUser, 'wrong')).status).to.equal(401);
    expect((await fetch(`${node.apiUrl}/status`, { method: 'POST', body: '{}' })).status).to.equal(403);
  });

  it('lets nobody chat as the account of the bridge', async () => {
    expect(await xmppLogin(node, node.apiUser, node.apiPassword)).to.equal('refused');
    await call('register', { user: 'anna', host: node.host, password: 'a' });
    expect(await xmppLogin(node, `anna@${node.host}`, 'a')).to.equal('session');
  });

  it('may open at least 10,000 files', async () => {
    const limits = await readFile(`/proc/${node.pid}/limits`, 'utf8');
    expect(Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1])).to.be.at.least(10_000);
  });

  it('keeps its secrets out of the process list and out of other eyes', async () => {
    const [args, env] = await Promise.all(
      ['cmdline', 'environ'].map(async (of) => readFile(`/proc/${node.pid}/${of}`, 'utf8')),
    );
    const dir = dirname(node.spoolDir);
    const cookie = (await readFile(join(dir, 'home', '.erlang.cookie'), 'utf8')).trim();
    for (const secret of [node.apiPassword, cookie, ...node.hooksSecrets])
      expect(`${args} ${env}`).to.not.contain(secret);
    for (const file of ['ejabberd.yml', 'boot.script'])
      expect((await stat(join(dir, file))).mode & 0o077, file).to.equal(0);
  });

  it('is there again on its ports, with its accounts, after a restart and after a kill', async function () {
    this.timeout(60_000);
    await call('register', { user: 'kept', host: node.host, password: 'k' });
    await node.restart();
    expect((await call('check_account', { user: 'kept', host: node.host })).text).to.equal('0');
    await node.kill();
    expect(await node.ended).to.equal('signal SIGKILL');
    await node.restart();
    expect((await call('check_account', { user: 'kept', host: node.host })).text).to.equal('0');
  });

  it('sends events to the new address once that is changed', async () => {
    const asked = new Promise<string>((resolve) => {
      const sink = createServer((request, response) => {
        resolve(request.url ?? '');
        request.resume();
        response.end('{"results":[]}');
        sink.close();
      });
      sink.listen(0, '127.0.0.1', () => {
        const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/moved`;
        void node
          .setHooks({ url, secrets: node.hooksSecrets })
          .then(async () => call('foyer_test_event', { host: node.host }));
      });
    });
    expect(await asked).to.equal('/moved');
  });

  it('takes other ports and says so when the wished ones are taken', async function () {
    this.timeout(60_000);
    const said: string[] = [];
    const ports = { c2s: node.c2sPort, http: node.httpPort };
    const other = await privateEjabberd({
      hooksUrl: 'http://127.0.0.1:9/',
      moduleDir: undefined,
      ports,
      onProgress: (text) => said.push(text),
    });
    try {
      expect([ports.c2s, ports.http]).to.not.include.members([other.c2sPort, other.httpPort]);
      expect(said.join('\n')).to.contain(`port ${ports.c2s} is taken`).and.to.contain(`port ${ports.http} is taken`);
    } finally {
      await other.stop();
    }
  });
});

/** Logs in with SASL PLAIN and asks for a session, in as few steps as the server allows. */
async function xmppLogin(node: PrivateEjabberd, jid: string, password: string): Promise<'session' | 'refused'> {
  const [user = '', host = ''] = jid.split('@');
  const open = `<stream:stream xmlns="jabber:client" xmlns:stream="http://etherx.jabber.org/streams" version="1.0" to="${host}">`;
  const credentials = Buffer.from(`\0${user}\0${password}`).toString('base64');
  const steps: [RegExp, string][] = [
    [/<\/stream:features>/, `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">${credentials}</auth>`],
    [/<success/, open],
    [/<\/stream:features>/, '<iq type="set" id="b"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>'],
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: node.c2sPort }, () => socket.write(open));
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('utf8');
      const next = steps[0];
      if (next?.[0].test(heard) === true) {
        steps.shift();
        heard = '';
        socket.write(next[1]);
      } else if (/<iq[^>]*type=['"]result['"]/.test(heard)) {
        resolve('session');
        socket.destroy();
      } else if (/<iq[^>]*type=['"]error['"]|<stream:error|<failure/.test(heard)) {
        resolve('refused');
        socket.destroy();
      }
    });
    socket.on('error', reject);
  });
}
