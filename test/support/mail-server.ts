import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

interface Refusal {
  code: number;
  text: string;
}

export interface Arrived {
  /** Of the envelope. */
  to: string[];
  /** As it came. */
  raw: string;
  mail: ParsedMail;
}

/** A mail server on a port of its own, with a login or none; what it does to the next mails can be set. */
export class MailServer {
  readonly arrived: Arrived[] = [];
  /** Answers the recipient with this. */
  refuse: Refusal | null = null;
  /** Takes the mail and then says nothing. */
  silent = false;
  /** Connections that came. */
  connections = 0;

  private constructor(
    private server: SMTPServer,
    readonly port: number,
  ) {}

  static async start(login: { user: string; password: string } | null, port = 0): Promise<MailServer> {
    const server: SMTPServer = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      authOptional: login === null,
      closeTimeout: 100,
      onConnect(_session, done) {
        made.connections += 1;
        done();
      },
      onAuth({ username, password }, _session, done) {
        const known = username === login?.user && password === login?.password;
        if (known) done(null, { user: username });
        else done(new Error('Invalid username or password'));
      },
      onRcptTo(_address, _session, done) {
        done(
          made.refuse === null ? null : Object.assign(new Error(made.refuse.text), { responseCode: made.refuse.code }),
        );
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const raw = Buffer.concat(chunks).toString();
          void simpleParser(raw).then((mail) => {
            made.arrived.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw, mail });
            if (!made.silent) done();
          });
        });
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const made: MailServer = new MailServer(server, (server.server.address() as AddressInfo).port);
    return made;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
