CREATE TABLE IF NOT EXISTS instances (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  display_name VARCHAR(200) NOT NULL,
  host VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- As it is shown: without user information and values of the query. NULL: nobody listens.
  callback_url VARCHAR(1000) NULL,
  -- Encrypted with the account key: the whole address, which may hold a credential.
  callback_url_box VARBINARY(4100) NULL,
  -- Encrypted with the account key: the secrets that sign callbacks, newest first, as a JSON array.
  callback_secrets_box VARBINARY(1000) NULL,
  -- Encrypted with the account key: the secrets by which the site says who its visitors are, newest first, as a JSON array.
  identity_secrets_box VARBINARY(1000) NULL,
  -- Encrypted with the account key: how the site's own sessions are read, as a JSON object. NULL: they aren't.
  site_session_box VARBINARY(10000) NULL,
  last_chat_number INT UNSIGNED NOT NULL DEFAULT 0,
  -- A destroyed one keeps its row: its name, and so its accounts' addresses, never mean another.
  state ENUM('active', 'suspended', 'destroying', 'destroyed') NOT NULL DEFAULT 'active',
  state_since DATETIME(3) NULL,
  -- 0 while what the state asks for isn't done: chats to be closed, accounts and rows to be removed.
  settled TINYINT(1) NOT NULL DEFAULT 1,
  -- Of what Foyer says to its new operators.
  language VARCHAR(35) CHARACTER SET ascii NOT NULL DEFAULT 'en',
  -- At most so many; NULL: as many as come.
  max_operators INT UNSIGNED NULL,
  max_visitors_online INT UNSIGNED NULL,
  max_open_chats INT UNSIGNED NULL,
  max_chats_per_day INT UNSIGNED NULL,
  max_messages_per_minute INT UNSIGNED NULL,
  max_requests_per_minute INT UNSIGNED NULL,
  -- Days after which visitors are forgotten; NULL: what the settings say.
  retention_days INT UNSIGNED NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY instances_name (name),
  KEY instances_settled (settled)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
