-- Who has watched a chat, and who has taken it over from its owner.
CREATE TABLE IF NOT EXISTS supervisions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  chat_id BIGINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  kind ENUM('watch', 'takeover') NOT NULL,
  -- Whether the owner was told that somebody watches.
  told TINYINT(1) NOT NULL DEFAULT 0,
  began_at DATETIME(3) NOT NULL,
  -- NULL: the operator still watches.
  ended_at DATETIME(3) NULL,
  -- Since when no client of the watcher has been in the room; NULL while one is.
  absent_since DATETIME(3) NULL,
  KEY supervisions_chat (chat_id, kind, ended_at),
  KEY supervisions_operator (operator_id, kind, ended_at),
  KEY supervisions_absent (ended_at, kind, absent_since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
