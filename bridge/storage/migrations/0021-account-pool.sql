-- Accounts that visitors of a desk use one after the other.
CREATE TABLE IF NOT EXISTS pool_accounts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  instance_id SMALLINT UNSIGNED NOT NULL,
  desk_id INT UNSIGNED NOT NULL,
  -- NULL only within the transaction that makes it: the account is named by this row's id.
  account_id BIGINT UNSIGNED NULL,
  -- Whose it is; NULL: it is free.
  visitor_id BIGINT UNSIGNED NULL,
  -- When it was taken last.
  taken_at DATETIME(3) NULL,
  -- When it is free again; NULL while a chat needs it.
  free_at DATETIME(3) NULL,
  UNIQUE KEY pool_accounts_account (account_id),
  KEY pool_accounts_desk (desk_id, visitor_id, taken_at),
  KEY pool_accounts_free (free_at),
  CONSTRAINT pool_accounts_desk_exists FOREIGN KEY (desk_id) REFERENCES desks (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
