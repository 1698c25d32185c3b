CREATE TABLE IF NOT EXISTS visitors (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  desk_id INT UNSIGNED NULL,
  -- The helpdesk's own id of this visitor.
  external_id VARCHAR(190) COLLATE utf8mb4_bin NULL,
  -- SHA-256 of the page's token; the token itself isn't kept.
  token_hash BINARY(32) NULL,
  token_expires_at DATETIME(3) NULL,
  -- When the token was taken back; pages that listen with it are ended by each process that finds this.
  token_revoked_at DATETIME(3) NULL,
  -- A keyed digest of the address that its page was last at, for bans.
  address BINARY(16) NULL,
  nick VARCHAR(200) NULL,
  email VARCHAR(320) NULL,
  language VARCHAR(35) NULL,
  page_url VARCHAR(2000) NULL,
  page_title VARCHAR(500) NULL,
  referrer VARCHAR(2000) NULL,
  user_agent VARCHAR(500) NULL,
  -- JSON object of strings: what the site or the helpdesk says of the visitor in words of its own.
  custom MEDIUMTEXT NULL,
  -- JSON array: what it was greeted with.
  greeted TEXT NULL,
  -- The site has said who it is: external_id, nick, email and custom are the site's words.
  member TINYINT(1) NOT NULL DEFAULT 0,
  -- JSON array: of the groups that a desk asks for, those that the site says a member to be in.
  site_groups TEXT NULL,
  account_id BIGINT UNSIGNED NULL,
  open_chat_id BIGINT UNSIGNED NULL,
  last_chat_id BIGINT UNSIGNED NULL,
  online TINYINT(1) NOT NULL DEFAULT 0,
  online_until DATETIME(3) NULL,
  -- When the person was forgotten.
  erased_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY visitors_external (instance_id, external_id),
  UNIQUE KEY visitors_token (token_hash),
  KEY visitors_revoked (token_revoked_at),
  KEY visitors_account (account_id),
  KEY visitors_online (online, online_until),
  KEY visitors_instance (instance_id, id),
  KEY visitors_present (instance_id, online, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
