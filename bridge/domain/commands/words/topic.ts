import { setTopic, TOPIC_LENGTH } from '../../rooms/topic.js';
import { anyChat } from '../chat-argument.js';
import { chooseRoom } from '../choose-room.js';
import type { Command } from '../command.js';

export const command: Command = {
  word: 'topic',
  usage: '[number] [words]',
  args: [anyChat, { name: 'topic', label: 'arg_topic', type: 'line', required: false, longest: TOPIC_LENGTH }],
  help: 'help_topic',
  inRooms: true,
  who: 'operators',
  async run(call) {
    const { tx } = call;
    const chosen = await chooseRoom(call, 'topic', 'topic');
    if ('text' in chosen) return chosen.text;
    const { room, rest } = chosen;
    if (rest !== '') await setTopic(tx, room, rest);
    const { subject: topic } = room;
    return topic === '' ? { key: 'topic_none' } : { key: 'topic_set', values: { topic } };
  },
};
