import type { Message } from '../../domain/chats/message.js';
import type { HelpdeskApiDeps } from './deps.js';
import { presentMessage, type HelpdeskMessageJson } from './present.js';

/** Messages in one answer or one read. */
export const MESSAGES_AT_ONCE = 500;

/** With the earlier texts of those that were corrected. */
export async function presentMessages(
  deps: HelpdeskApiDeps,
  chatId: number,
  messages: readonly Message[],
): Promise<HelpdeskMessageJson[]> {
  const corrected = messages.some(({ correctedAt }) => correctedAt !== null);
  const versions = corrected ? await deps.reads.versions(chatId) : [];
  return Promise.all(
    messages.map((message) =>
      presentMessage((id) => deps.reads.operator(id), message, message.correctedAt === null ? [] : versions),
    ),
  );
}
