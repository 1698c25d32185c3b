import type { Message } from '../chats/message.js';
import type { ChatView } from '../helpdesk-reads.js';
import type { Reads } from '../reads.js';
import type { Transcript, TranscriptReads } from './transcript.js';

const MESSAGES_AT_ONCE = 500;

/** A chat's size is limited, and with it what is held here. */
export async function readAllMessages(reads: Pick<Reads, 'messages'>, chatId: number): Promise<Message[]> {
  const all: Message[] = [];
  for (;;) {
    const page = await reads.messages(chatId, all.at(-1)?.number ?? 0, MESSAGES_AT_ONCE);
    all.push(...page);
    if (page.length < MESSAGES_AT_ONCE) return all;
  }
}

/** All of it, with the names of those who wrote as they are now. */
export async function readTranscript(
  reads: Pick<Reads, 'messages' | 'operator'>,
  transcripts: Pick<TranscriptReads, 'annotations'>,
  view: ChatView,
): Promise<Transcript> {
  const named = async (message: Message): Promise<Message> => {
    const author = message.operatorId === null ? undefined : await reads.operator(message.operatorId);
    return { ...message, authorName: author?.name ?? message.authorName };
  };
  const messages = await Promise.all((await readAllMessages(reads, view.chat.id)).map(named));
  return { view, ...(await transcripts.annotations(view.chat.id)), messages };
}
