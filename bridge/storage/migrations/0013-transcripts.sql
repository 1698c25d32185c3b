CREATE TABLE IF NOT EXISTS chat_tags (
  chat_id BIGINT UNSIGNED NOT NULL,
  tag VARCHAR(60) NOT NULL,
  instance_id SMALLINT UNSIGNED NOT NULL,
  tagged_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, tag),
  KEY chat_tags_tag (instance_id, tag, chat_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS chat_notes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  chat_id BIGINT UNSIGNED NOT NULL,
  -- NULL: written in the helpdesk's pages by somebody who is no operator.
  operator_id INT UNSIGNED NULL,
  author VARCHAR(200) NOT NULL,
  -- 'whisper': said to those who have to do with the chat, while it goes on.
  kind ENUM('note', 'whisper') NOT NULL DEFAULT 'note',
  text TEXT NOT NULL,
  -- The same key twice in a chat is one whisper; the id that its author's client gave it, by which that may correct it.
  sender_key VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NULL,
  stanza_id VARCHAR(190) COLLATE utf8mb4_bin NULL,
  -- The whisper in whose place this one is.
  corrects BIGINT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY chat_notes_sender (chat_id, sender_key),
  KEY chat_notes_chat (chat_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS chat_ratings (
  chat_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- 1 (bad) to 5 (good).
  score TINYINT UNSIGNED NOT NULL,
  words VARCHAR(2000) NOT NULL,
  rated_at DATETIME(3) NOT NULL,
  KEY chat_ratings_score (instance_id, score, chat_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- All that was said in a chat, written once when it is over: what a search looks in, without any cost while people talk.
CREATE TABLE IF NOT EXISTS chat_texts (
  chat_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  text MEDIUMTEXT NOT NULL,
  FULLTEXT KEY chat_texts_text (text)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
