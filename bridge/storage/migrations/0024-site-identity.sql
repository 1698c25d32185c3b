-- Tokens of members' pages: one for each browser, where a guest has the one of its own row. Each holds only together with the site's word on who is there.
CREATE TABLE IF NOT EXISTS member_tokens (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  visitor_id BIGINT UNSIGNED NOT NULL,
  -- SHA-256 of 256 random bits.
  token_hash BINARY(32) NOT NULL,
  -- The site's word is its own session, which is asked for with each call: the cookie itself is kept nowhere.
  by_session TINYINT(1) NOT NULL DEFAULT 0,
  expires_at DATETIME(3) NOT NULL,
  UNIQUE KEY member_tokens_hash (token_hash),
  KEY member_tokens_visitor (visitor_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
