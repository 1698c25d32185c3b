import type { Note } from '../domain/transcripts/annotations.js';
import type { TranscriptStore } from '../domain/transcripts/transcript-store.js';
import type { Row } from './pool.js';
import type { UnitOfWork } from './unit-of-work.js';

export const NOTE_COLUMNS =
  'chat_notes.id, chat_notes.operator_id, chat_notes.author, chat_notes.kind, chat_notes.text, chat_notes.corrects, chat_notes.created_at';

export function transcriptStore(work: UnitOfWork): TranscriptStore {
  return {
    async tags(chatId) {
      const found = await work.select('SELECT chat_tags.tag FROM chat_tags WHERE chat_tags.chat_id = ?', [chatId]);
      return found.map((row) => row['tag'] as string).sort();
    },
    setTags(chat, tags) {
      work.later('DELETE FROM chat_tags WHERE chat_id = ?', [chat.id]);
      if (tags.length === 0) return;
      // What differs in accents alone is one tag.
      work.later('INSERT IGNORE INTO chat_tags (chat_id, tag, instance_id, tagged_at) VALUES ?', [
        tags.map((tag) => [chat.id, tag, chat.instanceId, work.now]),
      ]);
    },
    async operators(chatIds) {
      if (chatIds.length === 0) return [];
      const found = await work.select(
        `SELECT DISTINCT accounts.local, accounts.host FROM chat_participants
           JOIN operators ON operators.id = chat_participants.operator_id JOIN accounts ON accounts.id = operators.account_id
          WHERE chat_participants.chat_id IN (?) ORDER BY accounts.local`,
        [chatIds],
      );
      return found.map((row) => `${row['local']}@${row['host']}`);
    },
    async countNotes(chatId, kind) {
      const [row] = await work.select(
        'SELECT COUNT(*) AS notes FROM chat_notes WHERE chat_notes.chat_id = ? AND chat_notes.kind = ?',
        [chatId, kind],
      );
      return Number(row?.['notes']);
    },
    async addNote(chat, { operatorId, author, text, whisper }) {
      const kind = whisper ? 'whisper' : 'note';
      const { senderKey = null, stanzaId = null, corrects = null } = whisper ?? {};
      const id = await work.insert(
        'INSERT INTO chat_notes (chat_id, operator_id, author, kind, text, sender_key, stanza_id, corrects, created_at) VALUES (?)',
        [[chat.id, operatorId, author, kind, text, senderKey, stanzaId, corrects, work.now]],
      );
      return { id, operatorId, author, kind, text, corrects, createdAt: work.now };
    },
    async whisperByKey(chatId, senderKey) {
      const [row] = await work.select(
        `SELECT ${NOTE_COLUMNS} FROM chat_notes WHERE chat_notes.chat_id = ? AND chat_notes.sender_key = ?`,
        [chatId, senderKey],
      );
      return row && toNote(row);
    },
    async whisperById(chatId, operatorId, stanzaId) {
      if (stanzaId === '') return undefined;
      const [row] = await work.select(
        `SELECT IFNULL(chat_notes.corrects, chat_notes.id) AS id FROM chat_notes
          WHERE chat_notes.chat_id = ? AND chat_notes.operator_id = ? AND chat_notes.stanza_id = ? ORDER BY chat_notes.id DESC LIMIT 1`,
        [chatId, operatorId, stanzaId],
      );
      return row?.['id'] as number | undefined;
    },
    eraseWhisper: (id) => work.write("UPDATE chat_notes SET text = '' WHERE id = ? OR corrects = ?", [id, id]),
    rate(chat, { score, words, ratedAt }) {
      work.later(
        `INSERT INTO chat_ratings (chat_id, instance_id, score, words, rated_at) VALUES (?)
         ON DUPLICATE KEY UPDATE score = VALUES(score), words = VALUES(words), rated_at = VALUES(rated_at)`,
        [[chat.id, chat.instanceId, score, words, ratedAt]],
      );
    },
    keepText(chat) {
      // After the messages of this very transaction: collected statements run behind them. The column holds 16 MB.
      work.later(
        `REPLACE INTO chat_texts (chat_id, text)
         SELECT messages.chat_id, LEFT(GROUP_CONCAT(messages.text ORDER BY messages.number SEPARATOR '\\n'), 4000000)
           FROM messages WHERE messages.chat_id = ? GROUP BY messages.chat_id`,
        [chat.id],
      );
    },
  };
}

export function toNote(row: Row): Note {
  return {
    id: row['id'],
    operatorId: row['operator_id'],
    author: row['author'],
    kind: row['kind'],
    text: row['text'],
    corrects: row['corrects'],
    createdAt: row['created_at'],
  };
}
