import type { Message } from '../chats/message.js';
import type { Transcript, TranscriptView } from './transcript.js';

/** Transcripts for people and for tables. Times are UTC. */

/** As a person reads it, and as mail carries it. Notes are for the helpdesk alone. */
export function transcriptText({ view, tags, rating, messages, notes }: Transcript, withNotes: boolean): string {
  const { chat, visitor, department, operator } = view;
  const head = [
    `Chat ${chat.number}, ${stamp(chat.createdAt)}`,
    `Visitor: ${visitorName(visitor)}`,
    ...(visitor.verified ? [`Verified by the site: ${visitor.externalId}`] : []),
    ...(department === null ? [] : [`Department: ${department.name}`]),
    ...(operator === null ? [] : [`Operator: ${operator.name}`]),
    ...chat.answers.map(({ label, value }) => `${label}: ${value}`),
    ...(tags.length === 0 ? [] : [`Tags: ${tags.join(', ')}`]),
    ...(rating === null ? [] : [`Rating: ${rating.score} of 5${rating.words === '' ? '' : `: ${rating.words}`}`]),
  ];
  const talk = messages.map((message) => `[${stamp(message.createdAt)}] ${speaker(message, view)}: ${message.text}`);
  const beside = withNotes
    ? notes.map(
        (note) =>
          `[${stamp(note.createdAt)}] ${note.kind === 'whisper' ? 'Whisper' : 'Note'} by ${note.author}: ${note.text}`,
      )
    : [];
  return [...head, '', ...talk, ...(beside.length === 0 ? [] : ['', ...beside]), ''].join('\n');
}

export const CSV_HEAD = [
  ...['chat', 'state', 'begun', 'accepted', 'closed', 'department', 'operator', 'visitor', 'email'],
  ...['messages', 'tags', 'score', 'words', 'answers'],
];

/** A line of a table of chats, under `CSV_HEAD`. */
export function chatCells({ view: { chat, visitor, department, operator }, tags, rating }: TranscriptView): string[] {
  const time = (at: Date | null) => at?.toISOString() ?? '';
  return [
    ...[String(chat.number), chat.state, time(chat.createdAt), time(chat.acceptedAt), time(chat.closedAt)],
    ...[department?.name ?? '', operator?.name ?? '', visitorName(visitor), visitor.email ?? ''],
    ...[String(chat.lastNumber), tags.join(' '), rating === null ? '' : String(rating.score), rating?.words ?? ''],
    chat.answers.map(({ label, value }) => `${label}: ${value}`).join('\n'),
  ];
}

export const MESSAGE_CSV_HEAD = ['number', 'time', 'sender', 'name', 'text'];

export function messageCells(message: Message, { view }: Pick<Transcript, 'view'>): string[] {
  const { number, createdAt, sender, text } = message;
  return [String(number), createdAt.toISOString(), sender, speaker(message, view), text];
}

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csvLine(cells: readonly string[]): string {
  const safe = cells.map((cell) => (/^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell));
  return `${safe.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}

export function speaker({ sender, authorName, operatorId }: Message, view: TranscriptView['view']): string {
  if (sender === 'visitor') return visitorName(view.visitor);
  if (sender === 'system') return 'System';
  return authorName ?? (operatorId === view.operator?.id ? view.operator?.name : undefined) ?? 'Operator';
}

export function visitorName({ id, nick }: { id: number; nick: string | null }): string {
  return nick ?? `Visitor ${id}`;
}

export function stamp(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
