-- How an operator without a client of its own gets to the operators' page: a link that holds once, and the session that it is exchanged for.
CREATE TABLE IF NOT EXISTS operator_sessions (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  kind ENUM('link', 'session') NOT NULL,
  -- SHA-256 of 256 random bits.
  secret_hash BINARY(32) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  UNIQUE KEY operator_sessions_secret (secret_hash),
  KEY operator_sessions_operator (operator_id, kind, id),
  KEY operator_sessions_expired (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
