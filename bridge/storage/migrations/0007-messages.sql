CREATE TABLE IF NOT EXISTS messages (
  chat_id BIGINT UNSIGNED NOT NULL,
  number INT UNSIGNED NOT NULL,
  instance_id SMALLINT UNSIGNED NOT NULL,
  sender ENUM('visitor', 'operator', 'system') NOT NULL,
  operator_id INT UNSIGNED NULL,
  -- Who wrote it in the helpdesk's pages, where that is no operator.
  author_name VARCHAR(100) NULL,
  text MEDIUMTEXT NOT NULL,
  -- What the sender calls this message (page's client_message_id, event id, Idempotency-Key): the same twice is one message.
  sender_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  -- The operator's stanza id, for its receipts, markers and corrections.
  stanza_id VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  -- What the archive of the room calls it in which it was said (XEP-0359): clients take it back by that.
  archive_id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  markable TINYINT(1) NOT NULL DEFAULT 0,
  -- Marks in the text are only letters (XEP-0393).
  unstyled TINYINT(1) NOT NULL DEFAULT 0,
  state ENUM('stored', 'sent', 'acked', 'failed', 'delivered', 'seen') NOT NULL DEFAULT 'stored',
  acked_at DATETIME(3) NULL,
  delivered_at DATETIME(3) NULL,
  seen_at DATETIME(3) NULL,
  corrected_at DATETIME(3) NULL,
  -- The words are gone then, and those of its earlier versions.
  deleted_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, number),
  UNIQUE KEY messages_sender_key (chat_id, sender_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS message_versions (
  chat_id BIGINT UNSIGNED NOT NULL,
  number INT UNSIGNED NOT NULL,
  version INT UNSIGNED NOT NULL,
  -- The text before this correction.
  text MEDIUMTEXT NOT NULL,
  -- The stanza id of the correction: clients may correct a correction.
  stanza_id VARCHAR(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  replaced_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, number, version)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
