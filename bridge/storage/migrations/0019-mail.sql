-- Mails that people asked for, so that their number can be bounded.
CREATE TABLE IF NOT EXISTS mails (
  -- Also the beginning of its Message-ID.
  id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  chat_id BIGINT UNSIGNED NOT NULL,
  -- What whoever asked calls it: the same twice is one mail.
  sender_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  -- SHA-256 of the address in lower case.
  address_hash BINARY(32) NOT NULL,
  asked_at DATETIME(3) NOT NULL,
  UNIQUE KEY mails_sender_key (chat_id, sender_key),
  KEY mails_address (instance_id, address_hash, asked_at),
  KEY mails_age (asked_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
