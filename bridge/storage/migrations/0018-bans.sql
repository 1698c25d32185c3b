CREATE TABLE IF NOT EXISTS bans (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- NULL: at every desk.
  desk_id INT UNSIGNED NULL,
  -- Whom it is about: any of these that is there.
  visitor_id BIGINT UNSIGNED NULL,
  -- A keyed digest of the visitor's address.
  address BINARY(16) NULL,
  -- A range can't be found by a digest: it is plain, as 203.0.113.0/24.
  network VARCHAR(43) CHARACTER SET ascii COLLATE ascii_bin NULL,
  -- The visitor never sees it.
  reason VARCHAR(500) NOT NULL,
  -- As in the audit: operator:3, key:2, cli.
  actor VARCHAR(190) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  -- By the database's clock; NULL: for good.
  expires_at DATETIME(3) NULL,
  KEY bans_instance (instance_id, id),
  KEY bans_visitor (visitor_id),
  KEY bans_address (address),
  KEY bans_network (instance_id, network),
  KEY bans_expired (expires_at),
  CONSTRAINT bans_desk FOREIGN KEY (desk_id) REFERENCES desks (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
