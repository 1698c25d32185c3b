CREATE TABLE IF NOT EXISTS canned_replies (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- NULL: for every department. One of a department takes the place of the one that all have.
  department_id INT UNSIGNED NULL,
  -- In lower case, as it is typed.
  name VARCHAR(40) NOT NULL,
  text TEXT NOT NULL,
  -- JSON object: the text in other languages, by language tag.
  translations MEDIUMTEXT NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  KEY canned_replies_name (instance_id, name),
  CONSTRAINT canned_replies_instance FOREIGN KEY (instance_id) REFERENCES instances (id),
  CONSTRAINT canned_replies_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
