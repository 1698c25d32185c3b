import { refusal, type Text, type TextKey } from '../../texts/say.js';
import { chatFollowUp } from '../../chats/follow-up.js';
import { rosterName } from '../../visitors/visitor.js';
import { anyChat } from '../chat-argument.js';
import { chooseChat } from '../choose-chat.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'info',
  usage: '[number]',
  args: [anyChat],
  help: 'help_info',
  who: 'operators',
  async run(call) {
    const { tx, operator } = call;
    const chosen = await chooseChat(call, 'info', () => tx.operators.openChats(operator.id));
    if ('text' in chosen) return chosen.text;
    const { chat } = chosen;
    const visitor = chat.instanceId === operator.instanceId ? await tx.visitors.peek(chat.visitorId) : undefined;
    if (!visitor) return refusal('no_such_chat', { number: chat.number });
    const line = (key: TextKey, value: string | null): Text[] => (value === null ? [] : [{ key, values: { value } }]);
    return [
      { key: 'info', values: { number: chat.number, visitor: rosterName(visitor) } },
      ...line('info_verified', visitor.member ? visitor.externalId : null),
      ...line('info_page', visitor.pageUrl),
      ...line('info_title', visitor.pageTitle),
      ...line('info_referrer', visitor.referrer),
      ...line('info_language', visitor.language),
      ...line('info_email', visitor.email),
      ...line('info_agent', visitor.userAgent),
      ...chat.answers.map(({ label, value }) => ownWords(label, value)),
      ...Object.entries(visitor.custom)
        .filter(([name]) => !chat.answers.some(({ key }) => key === name))
        .map(([name, value]) => ownWords(name, value)),
      ...line('info_follow_up', await chatFollowUp(tx, chat, visitor)),
      { key: 'info_chats', values: { count: await tx.queue.earlierChats(chat) } },
    ];
  },
};

/** What the visitor may have said itself: on one line, so that it can't look like the lines that Foyer answers for. */
function ownWords(name: string, value: string): Text {
  return { key: 'info_custom', values: { name, value: value.replace(/\s*\n\s*/g, ' ⏎ ') } };
}
