-- How often somebody was reminded of words that wait for an answer.
CREATE TABLE IF NOT EXISTS reminders (
  chat_id BIGINT UNSIGNED NOT NULL,
  side ENUM('visitor', 'operator') NOT NULL,
  -- Number of the first message that waits; with another one it begins anew.
  about INT UNSIGNED NOT NULL,
  -- The owner at that time; with another one it begins anew.
  operator_id INT UNSIGNED NOT NULL,
  times TINYINT UNSIGNED NOT NULL,
  last_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, side),
  KEY reminders_age (last_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
