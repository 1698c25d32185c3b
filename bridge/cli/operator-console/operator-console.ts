import { z } from 'zod';
import { command, type Call, type Values } from '../command.js';
import { UsageError } from '../exit-codes.js';
import { parsed } from '../parse.js';
import { listenForStop } from '../stop.js';
import { readDemoLogin } from '../up/demo-login.js';
import { ROOT, rootOf } from '../up/up.js';
import type { Login } from './connection.js';
import { OperatorConsole } from './console.js';
import { openScreen, type Screen } from './screen.js';

const OPTIONS = {
  jid: { type: 'string', value: 'JID', text: 'who logs in; default: the demo operator of “npm start”' },
  'password-stdin': { type: 'boolean', text: 'the first line of standard input is the password' },
  host: { type: 'string', value: 'HOST', text: 'the XMPP server; default: the JID’s domain' },
  port: { type: 'string', value: 'PORT', text: 'its port; default: 5222, with --tls 5223' },
  tls: { type: 'boolean', text: 'TLS from the first byte on; without it STARTTLS where the server is another machine' },
  root: ROOT,
} as const;

const jid = z.string().regex(/^[^@/\s]+@[^@/\s]+$/, 'must be name@domain');
const port = z.coerce.number().int().min(1).max(65_535);

export const operatorConsole = command({
  name: 'operator-console',
  summary: 'Answers visitors from this terminal.',
  details:
    'A small XMPP client: shows who comes and goes, “1 text” answers contact 1, plain text whoever wrote last, /help says the rest.',
  options: OPTIONS,
  async run(call) {
    const stop = listenForStop(call.io);
    const screen = openScreen(call.io);
    try {
      await new OperatorConsole(await loginOf(call, screen), screen, stop.signal).run();
    } finally {
      screen.close();
      stop.dispose();
    }
  },
});

async function loginOf({ values, io }: Call<Values<typeof OPTIONS>>, screen: Screen): Promise<Login> {
  if (values.jid === undefined) {
    const { jid, password, host, port } = await readDemoLogin(rootOf(values.root, io));
    return { jid, password, service: serviceOf('xmpp', host, port) };
  }
  const address = parsed('--jid', jid, values.jid);
  if (values['password-stdin'] !== true)
    throw new UsageError('--password-stdin is missing: the password doesn’t belong on a command line');
  const first = await screen.lines.next();
  if (first.done === true || first.value === '')
    throw new UsageError('standard input must hold the password on its first line');
  const host = values.host ?? address.slice(address.indexOf('@') + 1);
  const [scheme, usual] = values.tls === true ? (['xmpps', 5223] as const) : (['xmpp', 5222] as const);
  return {
    jid: address,
    password: first.value,
    service: serviceOf(scheme, host, parsed('--port', port, values.port ?? usual)),
  };
}

function serviceOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
