CREATE TABLE IF NOT EXISTS operators (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) NOT NULL,
  max_chats SMALLINT UNSIGNED NOT NULL DEFAULT 4,
  -- Takes no new chats for now.
  paused TINYINT(1) NOT NULL DEFAULT 0,
  -- The same as the operator's helpdesk says it.
  off_duty TINYINT(1) NOT NULL DEFAULT 0,
  -- May open and close departments.
  manager TINYINT(1) NOT NULL DEFAULT 0,
  -- Of what Foyer says to this operator.
  language VARCHAR(35) CHARACTER SET ascii NOT NULL DEFAULT 'en',
  -- JSON array of tags in lower case.
  skills VARCHAR(1000) NOT NULL DEFAULT '[]',
  -- JSON array of language tags that the operator answers in.
  speaks VARCHAR(400) NOT NULL DEFAULT '[]',
  -- Sees what visitors are typing before it is sent, where the desk allows it.
  preview TINYINT(1) NOT NULL DEFAULT 0,
  -- Is offered nothing, and can take nothing, until a manager says so.
  approved TINYINT(1) NOT NULL DEFAULT 1,
  -- The last message left at a closed desk that this operator was told of; all before it too.
  offline_told BIGINT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  disabled_at DATETIME(3) NULL,
  UNIQUE KEY operators_account (account_id),
  KEY operators_instance (instance_id),
  CONSTRAINT operators_account_exists FOREIGN KEY (account_id) REFERENCES accounts (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS operator_departments (
  operator_id INT UNSIGNED NOT NULL,
  department_id INT UNSIGNED NOT NULL,
  -- Those with the lowest number are asked first.
  priority TINYINT UNSIGNED NOT NULL DEFAULT 1,
  access ENUM('answer', 'monitor', 'manage') NOT NULL DEFAULT 'answer',
  PRIMARY KEY (operator_id, department_id),
  KEY operator_departments_department (department_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS operator_presence (
  operator_id INT UNSIGNED NOT NULL PRIMARY KEY,
  show_state ENUM('available', 'chat', 'away', 'xa', 'dnd', 'offline') NOT NULL,
  status VARCHAR(1000) NOT NULL,
  priority SMALLINT NOT NULL,
  resources SMALLINT UNSIGNED NOT NULL,
  -- When the state was reported; an older report never replaces a newer one.
  reported_at DATETIME(3) NOT NULL,
  -- When mod_foyer last confirmed it, by an event or by a snapshot.
  confirmed_at DATETIME(3) NOT NULL,
  -- Since when there is no client; NULL while there is one.
  offline_since DATETIME(3) NULL,
  -- When the last chat ended.
  idle_since DATETIME(3) NULL,
  -- The operator is logged in at the helpdesk's pages until then, as far as it has said; NULL: it never was.
  web_until DATETIME(3) NULL,
  KEY operator_presence_offline (offline_since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
