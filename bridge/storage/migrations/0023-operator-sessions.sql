-- How an operator gets to a page in a browser, to answer or to supervise: a link that holds once, and the session that it is exchanged for.
CREATE TABLE IF NOT EXISTS operator_sessions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  page ENUM('operator', 'supervisor') NOT NULL,
  kind ENUM('link', 'session') NOT NULL,
  -- SHA-256 of 256 random bits.
  secret_hash BINARY(32) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  UNIQUE KEY operator_sessions_secret (secret_hash),
  KEY operator_sessions_operator (operator_id, page, kind, id),
  KEY operator_sessions_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
