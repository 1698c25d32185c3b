import type { Core } from './compose.js';
import type { Settings } from './config/settings.js';
import type { MailRules } from './domain/mail/mail-store.js';
import { writeMail } from './domain/mail/write-mail.js';
import { MailCourier } from './outbound/mail/courier.js';
import { createHelpdeskReads } from './storage/helpdesk-reads.js';
import { createReads } from './storage/reads.js';
import { createTranscriptReads } from './storage/transcript-reads.js';

/** Null: this bridge sends no mail. */
export function mailRulesOf({ mail }: Pick<Settings, 'mail'>): MailRules | null {
  return mail.host === undefined ? null : { perChat: mail.per_chat, perAddress: mail.per_address_per_day };
}

/** Null where the settings name no server. */
export function composeMail({ settings, pool, clock, box }: Pick<Core, 'settings' | 'pool' | 'clock' | 'box'>) {
  const { host, port, encryption, user, password, from, timeout_seconds: seconds } = settings.mail;
  if (host === undefined || from === undefined) return null;
  const reads = {
    reads: createReads(pool, clock),
    helpdeskReads: createHelpdeskReads(pool, box),
    transcriptReads: createTranscriptReads(pool),
  };
  return new MailCourier(
    { ...{ host, port, encryption, user, password, from }, timeoutMs: seconds * 1000 },
    (instanceId, entry) => writeMail(reads, instanceId, entry),
  );
}
