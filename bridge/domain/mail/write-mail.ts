import type { Message } from '../chats/message.js';
import type { HelpdeskReads, OfflineMessageView } from '../helpdesk-reads.js';
import { followUpLink } from '../instances/follow-up.js';
import type { MailEntry } from '../outbox/entry.js';
import type { Reads } from '../reads.js';
import { say } from '../texts/say.js';
import { readTranscript } from '../transcripts/read-transcript.js';
import { speaker, stamp, transcriptText, visitorName } from '../transcripts/text-form.js';
import type { Transcript, TranscriptReads } from '../transcripts/transcript.js';
import type { Visitor } from '../visitors/visitor.js';

/** What a mail says. Nothing of it is safe as a header yet: whoever sends it encodes that. */
export interface Letter {
  /** Whose name stands before the sender's address. */
  from: string;
  subject: string;
  text: string;
  html: string;
  /** Whom an answer reaches. */
  replyTo: { name: string; address: string } | null;
}

export interface LetterReads {
  reads: Pick<Reads, 'messages' | 'operator' | 'desk' | 'visitor'>;
  helpdeskReads: Pick<HelpdeskReads, 'chat' | 'offlineMessages'>;
  transcriptReads: Pick<TranscriptReads, 'annotations'>;
}

/** As the record is now. Null: what it is about is gone, or the person is forgotten; there is nothing to send. */
export async function writeMail(from: LetterReads, instanceId: number, entry: MailEntry): Promise<Letter | null> {
  const { chat, message } = entry.about;
  if (chat === undefined) {
    const [view] = await from.helpdeskReads.offlineMessages(instanceId, { before: message + 1, limit: 1 });
    if (view?.message.id !== message) return null;
    return leftMessage(view, (await from.reads.desk(view.message.deskId))?.name ?? '');
  }
  const view = await from.helpdeskReads.chat(instanceId, chat);
  const visitor = view && (await from.reads.visitor(view.visitor.id));
  if (!view || !visitor || visitor.erased) return null;
  const transcript = await readTranscript(from.reads, from.transcriptReads, view);
  const desk = view.chat.deskId === null ? undefined : await from.reads.desk(view.chat.deskId);
  if (entry.reader === 'desk') return record(transcript, visitor, desk?.name ?? '');
  const link = desk === undefined ? null : followUpLink(desk, visitor, view.chat);
  return conversation(transcript, { desk: desk?.name ?? '', link, language: entry.language });
}

/** For the visitor: nothing but what the page showed. */
function conversation(
  { view, messages }: Transcript,
  { desk, link, language }: { desk: string; link: string | null; language: string },
): Letter {
  const subject = say(language, { key: desk === '' ? 'mail_subject' : 'mail_subject_with', values: { desk } });
  const intro = say(language, { key: 'mail_intro', values: { at: stamp(view.chat.createdAt) } });
  const more = link === null ? '' : say(language, { key: 'mail_follow_up' });
  const lines = messages.map((message) => `[${stamp(message.createdAt)}] ${speaker(message, view)}: ${message.text}`);
  const said = (message: Message) =>
    `<p><strong dir="auto">${escaped(speaker(message, view))}</strong> <small>${stamp(message.createdAt)}</small><br>` +
    `<span dir="auto">${escaped(message.text).replaceAll('\n', '<br>')}</span></p>`;
  return {
    ...{ from: desk, subject, replyTo: null },
    text: [intro, '', ...lines, ...(link === null ? [] : ['', `${more} ${link}`]), ''].join('\n'),
    html: page(
      [
        `<p>${escaped(intro)}</p>`,
        ...messages.map(said),
        ...(link === null ? [] : [`<p>${escaped(more)} <a href="${escaped(link)}">${escaped(link)}</a></p>`]),
      ].join('\n'),
    ),
  };
}

/** For the desk: the whole record, with notes. */
function record(transcript: Transcript, visitor: Visitor, desk: string): Letter {
  const { chat } = transcript.view;
  const facts = [
    ...[`Page: ${visitor.pageUrl ?? '-'}`, `Language: ${visitor.language ?? '-'}`, `E-mail: ${visitor.email ?? '-'}`],
    ...Object.entries(visitor.custom).map(([name, value]) => `${name}: ${value}`),
  ];
  const text = `${facts.join('\n')}\n\n${transcriptText(transcript, true)}`;
  const name = visitorName(visitor);
  return {
    ...{ from: desk, subject: `Chat ${chat.number}: ${name}`, text, html: page(`<pre>${escaped(text)}</pre>`) },
    replyTo: visitor.email === null ? null : { name, address: visitor.email },
  };
}

function leftMessage({ message, departmentName }: OfflineMessageView, desk: string): Letter {
  const { name, email, text: words, pageUrl, language, createdAt } = message;
  const text = [
    ...[`From: ${name} <${email}>`, `Time: ${stamp(createdAt)}`, `Department: ${departmentName ?? '-'}`],
    ...[`Page: ${pageUrl ?? '-'}`, `Language: ${language ?? '-'}`, '', words, ''],
  ].join('\n');
  return {
    ...{ from: desk, subject: `Message from ${name}`, text, html: page(`<pre>${escaped(text)}</pre>`) },
    replyTo: { name, address: email },
  };
}

function page(body: string): string {
  return `<!doctype html>\n<html><head><meta charset="utf-8"></head><body>\n${body}\n</body></html>\n`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
