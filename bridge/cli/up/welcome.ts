import type { DemoLogin } from './demo-login.js';

export interface WelcomeFacts {
  /** `http://127.0.0.1:8080` */
  base: string;
  root: string;
  configFile: string;
  logFile: string;
  apiKey: string;
  operator: DemoLogin | undefined;
  /** What makes commands look into `root`; empty where they do so by themselves. */
  rootOption: string;
  /** How this program is called here, for commands that can be copied. */
  program: string;
}

/** What a person needs next, in the order in which it is needed. */
export function welcome({
  base,
  root,
  configFile,
  logFile,
  apiKey,
  operator,
  rootOption,
  program,
}: WelcomeFacts): string {
  const rows = (pairs: [string, string][]) => pairs.map(([name, value]) => `  ${name.padEnd(10)} ${value}`);
  const lines = [
    '',
    'Foyer runs.',
    '',
    ...rows([
      ['Demo page', `${base}/demo`],
      ['API docs', `${base}/docs`],
      ['API key', apiKey],
    ]),
    '',
  ];
  if (operator === undefined) {
    lines.push(
      `The demo operator was removed. Add one: ${program} --config ${configFile} operator add NAME --department Support`,
    );
  } else {
    const { jid, password, host, port } = operator;
    lines.push(
      'Answer as the operator Anna, from any XMPP client on this machine:',
      ...rows([
        ['JID', jid],
        ['Password', password],
        ['Server', host],
        ['Port', `${port} (no TLS: loopback only)`],
      ]),
      '',
      '  here:       ' + `${program} operator-console${rootOption}`,
      '  browser:    ' + `${program} --config ${configFile} operator link anna` + '   (prints a link to sign in by)',
      '  Profanity:  profanity, and in it',
      ...[
        '/account add demo',
        `/account set demo jid ${jid}`,
        `/account set demo server ${host}`,
        `/account set demo port ${port}`,
        '/account set demo tls disable',
        '/connect demo',
      ].map((line) => `                ${line}`),
    );
  }
  lines.push(
    '',
    ...rows([
      ['Config', configFile],
      ['Log', logFile],
      ['Data', root],
    ]),
    '',
    `  Check it: ${program} --config ${configFile} doctor`,
    '',
    'Ctrl-C ends all of it.',
    '',
  );
  return lines.join('\n');
}
