CREATE TABLE IF NOT EXISTS offline_messages (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  visitor_id BIGINT UNSIGNED NOT NULL,
  desk_id INT UNSIGNED NOT NULL,
  department_id INT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  email VARCHAR(320) NOT NULL,
  text MEDIUMTEXT NOT NULL,
  page_url VARCHAR(2000) NULL,
  language VARCHAR(35) NULL,
  -- The page's own name for it.
  client_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  created_at DATETIME(3) NOT NULL,
  -- When somebody said that it is answered.
  done_at DATETIME(3) NULL,
  UNIQUE KEY offline_messages_client (visitor_id, client_id),
  KEY offline_messages_instance (instance_id, id),
  KEY offline_messages_department (department_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
