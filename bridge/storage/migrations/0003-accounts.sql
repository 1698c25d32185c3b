CREATE TABLE IF NOT EXISTS accounts (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  kind ENUM('visitor', 'chat', 'operator', 'service') NOT NULL,
  local VARCHAR(190) COLLATE utf8mb4_bin NOT NULL,
  host VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(400) NOT NULL,
  roster_group VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- Belongs to a desk's pool, and stands for one visitor after the other.
  pooled TINYINT(1) NOT NULL DEFAULT 0,
  -- AES-256-GCM under the configured account key.
  password_box VARBINARY(400) NOT NULL,
  state ENUM('wanted', 'ready', 'locked', 'removing', 'removed') NOT NULL DEFAULT 'wanted',
  -- Whether the account's session should be open, and what it should show.
  online TINYINT(1) NOT NULL DEFAULT 0,
  presence_nick VARCHAR(200) NOT NULL DEFAULT '',
  presence_status VARCHAR(400) NOT NULL DEFAULT '',
  last_used_at DATETIME(3) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY accounts_jid (host, local),
  KEY accounts_expiry (kind, state, last_used_at),
  KEY accounts_online (online),
  KEY accounts_instance (instance_id, kind, state)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
