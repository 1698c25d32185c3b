CREATE TABLE IF NOT EXISTS routing_rules (
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- From 1: the first that holds decides.
  position SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(100) NOT NULL,
  -- JSON object: what must be so.
  conditions TEXT NOT NULL,
  -- JSON object: skills that the operator must or should have.
  skills TEXT NOT NULL,
  department_id INT UNSIGNED NOT NULL,
  PRIMARY KEY (instance_id, position),
  CONSTRAINT routing_rules_department FOREIGN KEY (department_id) REFERENCES departments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
