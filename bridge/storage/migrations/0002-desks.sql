CREATE TABLE IF NOT EXISTS departments (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  -- Who is asked: everybody at once, one after the other, or nobody (the chat is given).
  strategy ENUM('all', 'one', 'direct') NOT NULL DEFAULT 'all',
  -- A visitor who comes back is first shown to the operator of the last chat.
  returning_first TINYINT(1) NOT NULL DEFAULT 0,
  -- How long an offer stands; NULL: until somebody answers.
  offer_seconds SMALLINT UNSIGNED NULL,
  -- Where chats go that have waited for so long.
  overflow_department_id INT UNSIGNED NULL,
  overflow_seconds INT UNSIGNED NULL,
  max_waiting INT UNSIGNED NULL,
  -- Chats of one operator at most, whatever the operator's own limit is.
  max_per_operator SMALLINT UNSIGNED NULL,
  -- JSON arrays of tags: who lacks one of the first isn't asked; who has all of the second is asked before the others.
  required_skills VARCHAR(1000) NOT NULL DEFAULT '[]',
  preferred_skills VARCHAR(1000) NOT NULL DEFAULT '[]',
  -- Whether operators are asked who speak the visitor's language: only they, or they first.
  match_language ENUM('no', 'prefer', 'require') NOT NULL DEFAULT 'no',
  -- What becomes of new chats while nobody is there.
  when_empty ENUM('queue', 'offline') NOT NULL DEFAULT 'queue',
  -- By hand; 'auto': by the rules.
  opening ENUM('auto', 'open', 'closed') NOT NULL DEFAULT 'auto',
  -- An owner who is offline for longer gives the chat back.
  grace_seconds INT UNSIGNED NOT NULL DEFAULT 300,
  -- The visitor is reminded once of an answer that it leaves unanswered for so long; NULL: never.
  remind_visitor_seconds INT UNSIGNED NULL,
  -- The owner is reminded of words that it leaves unanswered for so long, and as often again; NULL: never.
  remind_operator_seconds INT UNSIGNED NULL,
  remind_operator_times TINYINT UNSIGNED NOT NULL DEFAULT 2,
  -- After the last reminder the chat stays where it is, or waits for somebody else.
  unanswered ENUM('keep', 'queue') NOT NULL DEFAULT 'keep',
  -- From which access on somebody may come into a chat's room unasked, invite others, put them out, and set the topic.
  room_join ENUM('answer', 'manage') NOT NULL DEFAULT 'manage',
  room_invite ENUM('answer', 'manage') NOT NULL DEFAULT 'answer',
  room_kick ENUM('answer', 'manage') NOT NULL DEFAULT 'manage',
  room_topic ENUM('answer', 'manage') NOT NULL DEFAULT 'answer',
  -- A chat that is to go to an operator who isn't there stays with its owner, or waits.
  absent_target ENUM('refuse', 'queue') NOT NULL DEFAULT 'refuse',
  -- Owners are told who watches their chats; who only monitors may take chats over too.
  tell_watched TINYINT(1) NOT NULL DEFAULT 1,
  monitors_take_over TINYINT(1) NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY departments_name (instance_id, name),
  CONSTRAINT departments_instance FOREIGN KEY (instance_id) REFERENCES instances (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS desks (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  desk_key VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(200) NOT NULL,
  state ENUM('active', 'inactive') NOT NULL DEFAULT 'active',
  department_id INT UNSIGNED NOT NULL,
  -- Members alone: those whom the site says who they are.
  who ENUM('everybody', 'members') NOT NULL DEFAULT 'everybody',
  -- JSON array: of members only those whom the site says to be in one of these groups. []: all of them.
  member_groups VARCHAR(4000) NOT NULL DEFAULT '[]',
  -- Whether a guest who signs in takes along the chat that it has open.
  keep_guest_chat TINYINT(1) NOT NULL DEFAULT 1,
  -- JSON array of origins such as https://shop.example; ["*"] lets every page in.
  allowed_origins TEXT NOT NULL,
  -- Pages ask for a rating when a chat is over.
  ask_rating TINYINT(1) NOT NULL DEFAULT 0,
  -- Operators who ask for it see what a visitor is typing before it is sent.
  preview TINYINT(1) NOT NULL DEFAULT 0,
  -- Where operators may send a visitor's page, and whether it asks first.
  redirect_to ENUM('off', 'same_site', 'any') NOT NULL DEFAULT 'same_site',
  redirect_how ENUM('ask', 'go') NOT NULL DEFAULT 'ask',
  -- Where the visitor can go on when a chat is over or nobody is there: an address with placeholders. NULL: nowhere.
  follow_up VARCHAR(1000) NULL,
  -- Who gets every closed chat and every message that was left by mail. NULL: nobody.
  mail_to VARCHAR(254) CHARACTER SET ascii NULL,
  -- JSON object: greeting, placeholder, closed, wait.
  texts TEXT NOT NULL,
  -- So many accounts stand for the visitors who chat, one after the other; NULL: each visitor has its own.
  pool_size SMALLINT UNSIGNED NULL,
  pool_when_used_up ENUM('queue', 'refuse') NOT NULL DEFAULT 'queue',
  -- How long such an account stays its visitor's when the chat is over.
  session_delay_seconds MEDIUMINT UNSIGNED NOT NULL DEFAULT 60,
  -- JSON object: languages, translations, questions, show rules, greetings. NULL: none of them.
  widget MEDIUMTEXT NULL,
  created_at DATETIME(3) NOT NULL,
  UNIQUE KEY desks_key (instance_id, desk_key),
  CONSTRAINT desks_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
