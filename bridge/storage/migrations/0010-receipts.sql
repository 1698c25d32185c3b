CREATE TABLE IF NOT EXISTS receipts (
  -- Which door: ejabberd, helpdesk:<instance>, commands:<operator>.
  source VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  id VARCHAR(120) COLLATE utf8mb4_bin NOT NULL,
  -- What was answered, where a repeat gets the same answer.
  status SMALLINT UNSIGNED NULL,
  -- Encrypted with the account key: the answer, and the SHA-256 of its request, which another request must not share.
  answer MEDIUMTEXT NULL,
  received_at DATETIME(3) NOT NULL,
  PRIMARY KEY (source, id),
  KEY receipts_age (received_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS rejected_events (
  id VARCHAR(120) COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
  -- Whose operator or contact it was about; 0: nobody's that was known.
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- ejabberd's virtual host that it came from.
  host VARCHAR(1023) NOT NULL,
  code VARCHAR(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  reason VARCHAR(500) NOT NULL,
  event MEDIUMTEXT NOT NULL,
  received_at DATETIME(3) NOT NULL,
  KEY rejected_events_instance (instance_id, received_at),
  KEY rejected_events_age (received_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
