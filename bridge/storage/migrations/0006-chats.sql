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
  -- Who answers in the helpdesk's pages, where that is no operator; then there is no owner.
  held_by VARCHAR(100) NULL,
  -- Where it takes place beside the contact, or instead of it.
  room_id BIGINT UNSIGNED NULL,
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
  -- The chat's place in the queue is by this time: the visitor's first message. NULL before it.
  queued_at DATETIME(3) NULL,
  -- Since when it has had no owner; what was offered before doesn't count any more.
  waiting_since DATETIME(3) NULL,
  -- It came from another department because it had waited too long there.
  overflowed TINYINT(1) NOT NULL DEFAULT 0,
  -- It waits for an account of its desk's pool; until then the service account stands for it.
  no_contact TINYINT(1) NOT NULL DEFAULT 0,
  -- JSON object: skills and languages that its operator should have.
  wants VARCHAR(3000) NULL,
  -- Why it has lost its owner, as JSON, until another has it.
  handover VARCHAR(2000) NULL,
  -- A page that the visitor is to see and that none of its own has gone to yet, as JSON.
  redirect VARCHAR(3000) NULL,
  -- What the visitor was last told: place from 1, and seconds that it will take.
  position INT UNSIGNED NULL,
  wait_seconds INT UNSIGNED NULL,
  -- How long it was to take when it came into the queue.
  estimate_seconds INT UNSIGNED NULL,
  -- JSON array: to the desk's questions, each with key, label and value. NULL: none.
  answers MEDIUMTEXT NULL,
  UNIQUE KEY chats_number (instance_id, number),
  KEY chats_state (instance_id, state, id),
  KEY chats_open (state, id),
  KEY chats_visitor (visitor_id, id),
  KEY chats_opener (opener),
  KEY chats_account (account_id, id),
  KEY chats_without_contact (no_contact, desk_id, id),
  KEY chats_operator (operator_id, state),
  KEY chats_begun (instance_id, created_at),
  KEY chats_queue (department_id, state, queued_at, id)
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

CREATE TABLE IF NOT EXISTS offers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  department_id INT UNSIGNED NOT NULL,
  chat_id BIGINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  -- 'alone': nobody else is asked meanwhile, so that it takes up room; 'transfer': by the owner, who keeps the chat until it is accepted.
  kind ENUM('all', 'alone', 'transfer') NOT NULL,
  state ENUM('open', 'accepted', 'declined', 'revoked', 'expired') NOT NULL,
  offered_at DATETIME(3) NOT NULL,
  -- By the database's clock; NULL: it stands until somebody answers.
  expires_at DATETIME(3) NULL,
  ended_at DATETIME(3) NULL,
  KEY offers_chat (chat_id, state),
  KEY offers_operator (operator_id, state, kind),
  KEY offers_latest (operator_id, id),
  KEY offers_department (department_id, state, expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
