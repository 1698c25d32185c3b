CREATE TABLE IF NOT EXISTS processes (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  -- Host and port: a process that could bind them knows that its predecessor of the same name is dead.
  name VARCHAR(190) NOT NULL,
  started_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  -- It ends: its port is free already, but it is alive until it is released.
  ending TINYINT(1) NOT NULL DEFAULT 0,
  KEY processes_name (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS leases (
  name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  -- The process that works under it; 0 when none does.
  process_id BIGINT UNSIGNED NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  -- When the work under way or last done began; NULL after it failed.
  begun_at DATETIME(3) NULL,
  -- When the work under this lease last ended well.
  last_done_at DATETIME(3) NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
