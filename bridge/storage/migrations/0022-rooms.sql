-- Departments whose chats take place in rooms.
CREATE TABLE IF NOT EXISTS room_pools (
  department_id INT UNSIGNED NOT NULL PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- Rooms that stand ready.
  size SMALLINT UNSIGNED NOT NULL,
  -- Rooms that there may be at a time, in use or not.
  max_rooms SMALLINT UNSIGNED NOT NULL,
  -- Rooms of one operator at a time.
  max_per_operator SMALLINT UNSIGNED NOT NULL,
  max_occupants SMALLINT UNSIGNED NOT NULL,
  -- How long an operator may take to come in.
  allocation_seconds SMALLINT UNSIGNED NOT NULL,
  CONSTRAINT room_pools_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS rooms (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- The service account that owns it.
  account_id BIGINT UNSIGNED NOT NULL,
  department_id INT UNSIGNED NULL,
  -- 'pool': for whoever comes next; 'chat': of a chat to which others were invited; 'group': operators among themselves.
  purpose ENUM('pool', 'chat', 'group') NOT NULL,
  name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  service VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  password_box VARBINARY(400) NOT NULL,
  title VARCHAR(200) NOT NULL,
  subject VARCHAR(1000) NOT NULL DEFAULT '',
  max_occupants SMALLINT UNSIGNED NOT NULL,
  state ENUM('making', 'available', 'directed', 'staff_waiting', 'chatting', 'closing', 'lost', 'closed', 'abandoned') NOT NULL,
  -- By the database's clock, like the times in room_states.
  state_since DATETIME(3) NOT NULL,
  -- The operator who was directed into it.
  operator_id INT UNSIGNED NULL,
  chat_id BIGINT UNSIGNED NULL,
  -- The helpdesk's own id of a group.
  external_id VARCHAR(190) COLLATE utf8mb4_bin NULL,
  -- Reports of who is in it that are older than this, by ejabberd's clock, don't count any more.
  synced_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY rooms_jid (service, name),
  UNIQUE KEY rooms_external (instance_id, external_id),
  KEY rooms_state (department_id, state, state_since),
  KEY rooms_open (state, id),
  KEY rooms_instance (instance_id, id),
  KEY rooms_operator (operator_id, state),
  KEY rooms_chat (chat_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS room_states (
  room_id BIGINT UNSIGNED NOT NULL,
  number SMALLINT UNSIGNED NOT NULL,
  state VARCHAR(20) CHARACTER SET ascii NOT NULL,
  reason VARCHAR(40) CHARACTER SET ascii NOT NULL,
  at DATETIME(3) NOT NULL,
  PRIMARY KEY (room_id, number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS room_occupants (
  room_id BIGINT UNSIGNED NOT NULL,
  -- The client's full address; a digest, since an address may be longer than a key.
  jid_hash BINARY(16) NOT NULL,
  jid VARCHAR(3071) COLLATE utf8mb4_bin NOT NULL,
  nick VARCHAR(1023) NOT NULL,
  role VARCHAR(20) CHARACTER SET ascii NOT NULL,
  present TINYINT(1) NOT NULL,
  -- By ejabberd's clock: an older report never replaces a newer one.
  reported_at DATETIME(3) NOT NULL,
  PRIMARY KEY (room_id, jid_hash),
  KEY room_occupants_present (room_id, present),
  KEY room_occupants_left (present, reported_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who belongs to a group, in it or not.
CREATE TABLE IF NOT EXISTS room_members (
  room_id BIGINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (room_id, operator_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- What was said in a group.
CREATE TABLE IF NOT EXISTS room_messages (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room_id BIGINT UNSIGNED NOT NULL,
  instance_id SMALLINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NULL,
  author_name VARCHAR(200) NOT NULL,
  text MEDIUMTEXT NOT NULL,
  -- The same key twice in a room is one message; prefixed by door like the keys of chats' messages.
  sender_key VARCHAR(190) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  -- By these its author's client changes it: its own id, that of the last correction, and the one that the room's archive gave it.
  stanza_id VARCHAR(190) COLLATE utf8mb4_bin NULL,
  corrected_by VARCHAR(190) COLLATE utf8mb4_bin NULL,
  archive_id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  corrected_at DATETIME(3) NULL,
  -- The words are gone then.
  deleted_at DATETIME(3) NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY room_messages_sender (room_id, sender_key),
  KEY room_messages_room (room_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row: what the names of this database's rooms begin with. Rooms of another bridge on the same ejabberd aren't unknown ones of ours.
CREATE TABLE IF NOT EXISTS room_mark (
  id TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  mark CHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT IGNORE INTO room_mark (id, mark) VALUES (1, LEFT(SHA2(CONCAT(UUID(), RAND(), NOW(6)), 256), 10));

-- Operators who may not come back into a room. Visitors who may not chat are in bans.
CREATE TABLE IF NOT EXISTS room_bans (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  room_id BIGINT UNSIGNED NOT NULL,
  operator_id INT UNSIGNED NOT NULL,
  reason VARCHAR(500) NOT NULL,
  -- As in the audit.
  actor VARCHAR(100) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  -- By the database's clock; NULL: for as long as there is the room.
  expires_at DATETIME(3) NULL,
  UNIQUE KEY room_bans_operator (room_id, operator_id),
  KEY room_bans_expiry (expires_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who is typing in the room of a chat, as far as anybody has said; by names, as the page shows them.
CREATE TABLE IF NOT EXISTS room_typists (
  room_id BIGINT UNSIGNED NOT NULL,
  name VARCHAR(200) COLLATE utf8mb4_bin NOT NULL,
  since DATETIME(3) NOT NULL,
  PRIMARY KEY (room_id, name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
