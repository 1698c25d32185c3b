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
  last_chat_number INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY instances_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
