CREATE TABLE IF NOT EXISTS lanes (
  name VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  target ENUM('account', 'helpdesk', 'mail') NOT NULL,
  instance_id SMALLINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  -- Counts entries ever added: a courier that finds it changed knows that the lane isn't empty.
  pushed BIGINT UNSIGNED NOT NULL DEFAULT 0,
  -- When the lane may be served; NULL when it has nothing to do.
  due_at DATETIME(3) NULL,
  -- Tries of the first entry; its retry delay grows with them.
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  last_error VARCHAR(500) NULL,
  -- The process that serves the lane now.
  owner BIGINT UNSIGNED NULL,
  -- The process that holds the account's XMPP session: only it may serve the lane.
  home BIGINT UNSIGNED NULL,
  KEY lanes_due (target, owner, due_at),
  KEY lanes_owner (owner),
  KEY lanes_instance (instance_id),
  KEY lanes_home (home)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS outbox (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  lane VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  entry MEDIUMTEXT NOT NULL,
  -- Whom it is about: the service account's lane has entries of all instances on its host.
  instance_id SMALLINT UNSIGNED NOT NULL,
  attempts INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  KEY outbox_lane (lane, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS dead_letters (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  lane VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  target ENUM('account', 'helpdesk', 'mail') NOT NULL,
  instance_id SMALLINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NULL,
  entry MEDIUMTEXT NOT NULL,
  attempts INT UNSIGNED NOT NULL,
  reason VARCHAR(500) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  died_at DATETIME(3) NOT NULL,
  KEY dead_letters_instance (instance_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
