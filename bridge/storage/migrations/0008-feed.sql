CREATE TABLE IF NOT EXISTS feed (
  chat_id BIGINT UNSIGNED NOT NULL,
  number INT UNSIGNED NOT NULL,
  kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  data TEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, number),
  KEY feed_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
