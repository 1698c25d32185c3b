import { connect as connectPlain } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { EjabberdError } from '../../outbound/ejabberd/admin-errors.js';
import { isAtLeast } from '../../outbound/ejabberd/server-version.js';
import { describeError } from '../../shared/errors.js';
import { onEachHost, type Check, type DoctorContext } from './context.js';
import { fail, ok, warn, type Finding } from './finding.js';

const TIMEOUT_MS = 10_000;
const PERMISSIONS = 'as in config/ejabberd.foyer.yml';

export const ejabberd: Check = {
  name: 'ejabberd',
  needs: [],
  async run({ admin, settings }) {
    const { api_url: url, api_user: user } = settings.ejabberd;
    try {
      const version = await admin.version();
      if (version === null)
        return [warn(`ejabberd at ${url} doesn’t tell its version`, 'Foyer is tested with 23.01 and later')];
      const text = `${version.year}.${String(version.month).padStart(2, '0')}`;
      if (!isAtLeast(version, 23, 1)) return [fail(`ejabberd ${text} is too old`, 'use 23.01 or later')];
      return [ok(`ejabberd ${text} at ${url}; ${user} may use its API`)];
    } catch (error) {
      return [explain(error, url, user)];
    }
  },
};

/** A stream of the virtual host can be opened where visitors’ sessions connect. */
export const xmpp: Check = {
  name: 'xmpp',
  needs: [],
  run: onEachHost(async ({ settings }, host) => {
    const { xmpp_url: url } = settings.ejabberd;
    try {
      const answer = await openStream(url, host);
      if (/<host-unknown\b/.test(answer))
        return [fail(`${url} doesn’t serve ${host}`, 'add it to ejabberd’s hosts, or set ejabberd.host')];
      if (!/<stream:stream\b/.test(answer))
        return [fail(`${url} doesn’t speak XMPP`, 'set ejabberd.xmpp_url to the c2s listener')];
      return [ok(`${url} serves ${host}`)];
    } catch (error) {
      return [
        fail(
          `${url} can’t be reached (${describeError(error)})`,
          'start ejabberd, or set ejabberd.xmpp_url to its c2s listener',
        ),
      ];
    }
  }),
};

function explain(error: unknown, url: string, user: string): Finding {
  const code = error instanceof EjabberdError ? error.code : undefined;
  if (code === 'denied')
    return fail(
      `ejabberd at ${url} refuses ${user}`,
      `set ejabberd.api_password to that account’s, and api_permissions ${PERMISSIONS}`,
    );
  if (code === 'unreachable')
    return fail(
      `ejabberd’s API can’t be reached at ${url}`,
      'start ejabberd with mod_http_api in request_handlers, or set ejabberd.api_url',
    );
  return fail(
    `ejabberd’s API at ${url} doesn’t work (${describeError(error)})`,
    `see ejabberd’s log; request_handlers and api_permissions ${PERMISSIONS}`,
  );
}

/** What the server says to the opening of a stream. */
async function openStream(url: string, host: DoctorContext['settings']['ejabberd']['host']): Promise<string> {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'xmpps:';
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 5223 : 5222)) };
  const socket = secure ? connectTls({ ...address, servername: host }) : connectPlain(address);
  try {
    return await new Promise<string>((resolve, reject) => {
      let text = '';
      socket.setTimeout(TIMEOUT_MS, () => reject(new Error('no answer')));
      socket.once('error', reject);
      socket.once('close', () => resolve(text));
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
        if (/<stream:features|<stream:error|<\/stream:stream>/.test(text) || text.length > 10_000) resolve(text);
      });
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        socket.write(
          `<?xml version='1.0'?><stream:stream to='${host}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>`,
        );
      });
    });
  } finally {
    socket.destroy();
  }
}
