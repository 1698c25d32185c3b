CREATE TABLE IF NOT EXISTS chats (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- What people type: counts from 1 in each instance.
  number INT UNSIGNED NOT NULL,
  visitor_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  desk_id INT UNSIGNED NULL,
  department_id INT UNSIGNED NOT NULL,
  state ENUM('waiting', 'offered', 'active', 'invited', 'closed', 'abandoned', 'missed') NOT NULL,
  initiator ENUM('visitor', 'operator', 'helpdesk') NOT NULL,
  operator_id INT UNSIGNED NULL,
  -- A keyed digest of the address whose page began it, while it is open: so many may be open for each.
  opener BINARY(16) NULL,
  last_number INT UNSIGNED NOT NULL DEFAULT 0,
  feed_number INT UNSIGNED NOT NULL DEFAULT 0,
  text_bytes INT UNSIGNED NOT NULL DEFAULT 0,
  -- Highest message of the other side that each has been shown.
  seen_by_visitor INT UNSIGNED NOT NULL DEFAULT 0,
  seen_by_operator INT UNSIGNED NOT NULL DEFAULT 0,
  -- Above these numbers no message of the visitor has come as far as that, or further.
  acked_to INT UNSIGNED NOT NULL DEFAULT 0,
  delivered_to INT UNSIGNED NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  accepted_at DATETIME(3) NULL,
  closed_at DATETIME(3) NULL,
  closed_by ENUM('visitor', 'operator', 'helpdesk', 'system') NULL,
  UNIQUE KEY chats_number (instance_id, number),
  KEY chats_state (instance_id, state, id),
  KEY chats_open (state, id),
  KEY chats_visitor (visitor_id, id),
  KEY chats_opener (opener),
  KEY chats_account (account_id, id),
  KEY chats_operator (operator_id, state),
  KEY chats_begun (instance_id, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS chat_participants (
  chat_id BIGINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  role ENUM('offered', 'owner', 'past') NOT NULL,
  -- Highest message that was sent (or written) to this operator's outbox lane.
  sent_number INT UNSIGNED NOT NULL DEFAULT 0,
  joined_at DATETIME(3) NOT NULL,
  PRIMARY KEY (chat_id, operator_id),
  KEY chat_participants_operator (operator_id, role)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
