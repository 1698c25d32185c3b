-- A department without a row is always open.
CREATE TABLE IF NOT EXISTS department_hours (
  department_id INT UNSIGNED NOT NULL PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  -- JSON object: time zone, spans of each weekday, dates with spans of their own.
  hours MEDIUMTEXT NOT NULL,
  changed_at DATETIME(3) NOT NULL,
  KEY department_hours_instance (instance_id),
  CONSTRAINT department_hours_department FOREIGN KEY (department_id) REFERENCES departments (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
