CREATE TABLE IF NOT EXISTS api_keys (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- 0: of the whole bridge, for instances alone.
  instance_id SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  -- First characters of the key, so that a person can tell which one it is.
  prefix VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- SHA-256; the key has 256 random bits, so that a slow hash would protect nothing more.
  key_hash BINARY(32) NOT NULL,
  scopes VARCHAR(500) CHARACTER SET ascii NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NULL,
  revoked_at DATETIME(3) NULL,
  UNIQUE KEY api_keys_hash (key_hash),
  KEY api_keys_instance (instance_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS audit (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  at DATETIME(3) NOT NULL,
  actor VARCHAR(190) NOT NULL,
  action VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  subject VARCHAR(190) NOT NULL,
  details MEDIUMTEXT NOT NULL,
  KEY audit_instance (instance_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
