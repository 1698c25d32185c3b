import { createTransport, type Transporter } from 'nodemailer';
import type { Letter } from '../../domain/mail/write-mail.js';
import type { DueEntry, MailEntry, Outcome } from '../../domain/outbox/entry.js';
import type { ClaimedLane } from '../../domain/outbox/lane.js';
import { describeError } from '../../shared/errors.js';
import { isMailAddress } from '../../shared/mail-address.js';

/** A server that takes mail. */
export interface MailServer {
  host: string;
  port: number;
  /** `starttls`: begins in clear and refuses to go on without TLS; `tls`: from the first byte; `none`: in clear. */
  encryption: 'starttls' | 'tls' | 'none';
  user?: string | undefined;
  password?: string | undefined;
  /** Of the sender. */
  from: string;
  timeoutMs: number;
}

/** Sends what the record says to people who asked for it. One connection for each mail: there are few. */
export class MailCourier {
  private readonly transport: Transporter;

  constructor(
    private readonly server: MailServer,
    /** Null: there is nothing to send any more. */
    private readonly write: (instanceId: number, entry: MailEntry) => Promise<Letter | null>,
  ) {
    const { host, port, encryption, user, password, timeoutMs } = server;
    this.transport = createTransport({
      ...{ host, port, secure: encryption === 'tls', requireTLS: encryption === 'starttls' },
      ignoreTLS: encryption === 'none',
      ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
      ...{ dnsTimeout: timeoutMs, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs },
      // A letter is made of what people wrote: none of it names a file or an address to read from.
      ...{ disableFileAccess: true, disableUrlAccess: true },
    });
  }

  /** In order; after one that has to wait, none is tried. */
  async serve(lane: ClaimedLane, entries: readonly DueEntry[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const { entry } of entries) {
      const outcome = await this.deliver(lane.instanceId, entry);
      outcomes.push(outcome);
      if (outcome.result === 'retry') break;
    }
    return outcomes;
  }

  /** Says hello and logs in. @throws what the server, or the way to it, has against it */
  async test(): Promise<void> {
    await this.transport.verify();
  }

  close(): void {
    this.transport.close();
  }

  private async deliver(instanceId: number, entry: DueEntry['entry']): Promise<Outcome> {
    if (entry.kind !== 'mail.send') return { result: 'dead', reason: 'not a mail' };
    if (!isMailAddress(entry.to)) return { result: 'dead', reason: 'not an e-mail address' };
    const letter = await this.write(instanceId, entry);
    if (letter === null) return { result: 'done' };
    const { from } = this.server;
    const { replyTo, subject, text, html } = letter;
    try {
      await this.transport.sendMail({
        ...{ from: { name: letter.from, address: from }, to: { name: '', address: entry.to }, subject, text, html },
        ...(replyTo !== null && isMailAddress(replyTo.address) ? { replyTo } : {}),
        messageId: `<foyer.${entry.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
        // No answers from holidays.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { result: 'done' };
    } catch (error) {
      return outcomeOf(error, entry.to);
    }
  }
}

/** What the server refuses for good (RFC 5321: 5yz) is given up; a refused login is mended in the settings, so that it is tried again. */
export function outcomeOf(error: unknown, to: string): Outcome {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
  // Servers like to say whom they refuse; that is nobody's business who reads the log.
  const reason = describeError(error).replaceAll(to, '…').slice(0, 200);
  const forGood = typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH';
  return forGood ? { result: 'dead', reason } : { result: 'retry', reason };
}
