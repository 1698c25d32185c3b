<?php

declare(strict_types=1);

/** Which user of Live Helper Chat has which XMPP account. */
final class FoyerOperatorMap
{
    private const STATE = "MD5(CONCAT_WS('\n', `user`.`name`, `user`.`surname`, `user`.`chat_nickname`, `user`.`disabled`, `user`.`max_active_chats`,
        `account`.`receives`, (SELECT GROUP_CONCAT(DISTINCT `of`.`dep_id` ORDER BY `of`.`dep_id`) FROM `lh_userdep` AS `of`
        WHERE `of`.`user_id` = `account`.`user_id` AND `of`.`ro` = 0)))";

    public function __construct(private readonly PDO $db)
    {
    }

    /** @return array<string, mixed>|null */
    public function find(int $userId): ?array
    {
        return FoyerDatabase::row($this->db, 'SELECT * FROM `lhc_foyer_operator` WHERE `user_id` = :id', ['id' => $userId]);
    }

    /**
     * @param array<string, mixed>|null $operator as callbacks name them
     * @return array<string, mixed>|null
     */
    public function byRef(?array $operator): ?array
    {
        if ($operator === null) {
            return null;
        }
        $sql = 'SELECT * FROM `lhc_foyer_operator` WHERE (`foyer_id` = :id AND `foyer_id` > 0) OR (`jid` = :jid AND `jid` <> \'\')
                ORDER BY (`foyer_id` = :id2) DESC LIMIT 1';
        $id = (int) ($operator['id'] ?? 0);
        return FoyerDatabase::row($this->db, $sql, ['id' => $id, 'id2' => $id, 'jid' => (string) ($operator['jid'] ?? '')]);
    }

    /** @return list<array<string, mixed>> */
    public function all(): array
    {
        return FoyerDatabase::rows($this->db, 'SELECT * FROM `lhc_foyer_operator` ORDER BY `username` LIMIT 5000');
    }

    /**
     * Users of Live Helper Chat, each with its account or without, for a person to look at.
     *
     * @return list<array<string, mixed>>
     */
    public function withUsers(string $search): array
    {
        $like = '%' . addcslashes($search, '%_\\') . '%';
        return FoyerDatabase::rows(
            $this->db,
            'SELECT `user`.`id`, `user`.`username` AS `login`, `user`.`email`, `user`.`name`, `user`.`surname`, `user`.`disabled`,
             `account`.`username`, `account`.`jid`, `account`.`foyer_id`, `account`.`receives`, `account`.`presence`
             FROM `lh_users` AS `user` LEFT JOIN `lhc_foyer_operator` AS `account` ON `account`.`user_id` = `user`.`id`
             WHERE `user`.`username` LIKE :like OR `user`.`email` LIKE :like2 OR CONCAT(`user`.`name`, \' \', `user`.`surname`) LIKE :like3
             ORDER BY `account`.`user_id` IS NULL, `user`.`username` LIMIT 200',
            ['like' => $like, 'like2' => $like, 'like3' => $like],
        );
    }

    public function add(int $userId, string $username, bool $receives = true): void
    {
        $sql = 'INSERT IGNORE INTO `lhc_foyer_operator` (`user_id`, `username`, `receives`, `ctime`) VALUES (:id, :username, :receives, :now)';
        FoyerDatabase::run($this->db, $sql, ['id' => $userId, 'username' => $username, 'receives' => (int) $receives, 'now' => time()]);
    }

    public function bind(int $userId, int $foyerId, string $jid): void
    {
        $sql = 'UPDATE `lhc_foyer_operator` SET `foyer_id` = :foyer, `jid` = :jid WHERE `user_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['foyer' => $foyerId, 'jid' => strtolower($jid), 'id' => $userId]);
    }

    public function receives(int $userId, bool $receives): void
    {
        $sql = 'UPDATE `lhc_foyer_operator` SET `receives` = :receives WHERE `user_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['receives' => (int) $receives, 'id' => $userId]);
    }

    /** Whether the bridge has been told that the user hides. */
    public function offDuty(int $userId, bool $off): void
    {
        FoyerDatabase::run($this->db, 'UPDATE `lhc_foyer_operator` SET `off_duty` = :off WHERE `user_id` = :id', ['off' => (int) $off, 'id' => $userId]);
    }

    public function presence(int $userId, string $show, int $seenAt, int $wroteAt): void
    {
        $sql = 'UPDATE `lhc_foyer_operator` SET `presence` = :show, `seen_at` = :seen, `wrote_at` = :wrote WHERE `user_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['show' => $show, 'seen' => $seenAt, 'wrote' => $wroteAt, 'id' => $userId]);
    }

    /** Which state of the user the bridge has. */
    public function told(int $userId, string $state): void
    {
        FoyerDatabase::run($this->db, 'UPDATE `lhc_foyer_operator` SET `told` = :state WHERE `user_id` = :id', ['state' => $state, 'id' => $userId]);
    }

    /** All of the user that the bridge is told, as a short word. */
    public function state(int $userId): string
    {
        $sql = 'SELECT ' . self::STATE . ' AS `state` FROM `lhc_foyer_operator` AS `account` JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id`
                WHERE `account`.`user_id` = :id';
        return (string) (FoyerDatabase::row($this->db, $sql, ['id' => $userId])['state'] ?? '');
    }

    /**
     * Users who have changed since the bridge was told.
     *
     * @return list<int>
     */
    public function changed(int $limit): array
    {
        $sql = 'SELECT `account`.`user_id` FROM `lhc_foyer_operator` AS `account` JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id`
                WHERE `account`.`foyer_id` > 0 AND `account`.`told` <> ' . self::STATE . ' LIMIT ' . $limit;
        return array_map(static fn (array $row): int => (int) $row['user_id'], FoyerDatabase::rows($this->db, $sql));
    }

    public function remove(int $userId): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_operator` WHERE `user_id` = :id', ['id' => $userId]);
    }

    /**
     * Departments of Live Helper Chat that the user answers for; null: all of them.
     *
     * @return list<int>|null
     */
    public function departments(int $userId): ?array
    {
        $rows = FoyerDatabase::rows($this->db, 'SELECT `dep_id` FROM `lh_userdep` WHERE `user_id` = :id AND `ro` = 0 LIMIT 500', ['id' => $userId]);
        $ids = array_values(array_unique(array_map(static fn (array $row): int => (int) $row['dep_id'], $rows)));
        return in_array(0, $ids, true) ? null : $ids;
    }
}
