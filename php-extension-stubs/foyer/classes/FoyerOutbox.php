<?php

declare(strict_types=1);

/**
 * What the bridge must be told. Entries of one lane leave in the order of their ids; lanes don't wait for each other. A lane is a visitor, a chat of an
 * unknown visitor, a group chat, or `operators`.
 */
final class FoyerOutbox
{
    public const OPERATORS = 'operators';

    /** Of these only the newest in a lane says anything. */
    public const NEWEST_ONLY = ['presence', 'name', 'delivered', 'seen', 'typing', 'group'];

    private const FIRST_DELAY = 5;
    private const LONGEST_DELAY = 300;

    public function __construct(private readonly PDO $db)
    {
    }

    /** A plain insert without unique keys: inside Live Helper Chat's transaction it can't wait for anybody. */
    public function add(string $lane, string $kind, array $payload): int
    {
        if (in_array($kind, self::NEWEST_ONLY, true) && !$this->db->inTransaction()) {
            FoyerDatabase::run(
                $this->db,
                'DELETE FROM `lhc_foyer_outbox` WHERE `dead` = 0 AND `lane` = :lane AND `kind` = :kind',
                ['lane' => $lane, 'kind' => $kind],
            );
        }
        FoyerDatabase::run(
            $this->db,
            'INSERT INTO `lhc_foyer_outbox` (`lane`, `kind`, `payload`, `ctime`) VALUES (:lane, :kind, :payload, :now)',
            [
                'lane' => $lane,
                'kind' => $kind,
                'payload' => json_encode($payload, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR),
                'now' => time(),
            ],
        );
        return (int) $this->db->lastInsertId();
    }

    /** @return list<array{id: int, kind: string, payload: array<string, mixed>, attempts: int, next_at: int, ctime: int}> */
    public function head(string $lane, int $limit): array
    {
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT `id`, `kind`, `payload`, `attempts`, `next_at`, `ctime` FROM `lhc_foyer_outbox`
             WHERE `dead` = 0 AND `lane` = :lane ORDER BY `id` LIMIT ' . $limit,
            ['lane' => $lane],
        );
        return array_map(static fn (array $row): array => [
            'id' => (int) $row['id'],
            'kind' => $row['kind'],
            'payload' => (array) json_decode($row['payload'], true),
            'attempts' => (int) $row['attempts'],
            'next_at' => (int) $row['next_at'],
            'ctime' => (int) $row['ctime'],
        ], $rows);
    }

    /**
     * Lanes whose first entry may go now, those that wait longest first.
     *
     * @return list<string>
     */
    public function dueLanes(int $now, int $limit): array
    {
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT `first`.`lane` FROM (SELECT `lane`, MIN(`id`) AS `id` FROM `lhc_foyer_outbox` WHERE `dead` = 0 GROUP BY `lane`) AS `first`
             JOIN `lhc_foyer_outbox` AS `entry` ON `entry`.`id` = `first`.`id` WHERE `entry`.`next_at` <= :now
             ORDER BY `first`.`id` LIMIT ' . $limit,
            ['now' => $now],
        );
        return array_column($rows, 'lane');
    }

    /** Whether the bridge gave no answer lately: then nobody but the cron job tries before the time. */
    public function bridgeIsAway(int $now): bool
    {
        $sql = 'SELECT 1 FROM `lhc_foyer_outbox` WHERE `dead` = 0 AND `next_at` > :now AND `unreachable` = 1 LIMIT 1';
        return FoyerDatabase::row($this->db, $sql, ['now' => $now]) !== null;
    }

    public function bridgeIsBack(int $now): void
    {
        $sql = 'UPDATE `lhc_foyer_outbox` SET `next_at` = 0, `unreachable` = 0 WHERE `dead` = 0 AND `next_at` > :now AND `unreachable` = 1';
        FoyerDatabase::run($this->db, $sql, ['now' => $now]);
    }

    /** Whether the bridge is still to be told something of this kind. */
    public function waits(string $lane, string $kind): bool
    {
        $sql = 'SELECT 1 FROM `lhc_foyer_outbox` WHERE `dead` = 0 AND `lane` = :lane AND `kind` = :kind LIMIT 1';
        return FoyerDatabase::row($this->db, $sql, ['lane' => $lane, 'kind' => $kind]) !== null;
    }

    public function done(int $id): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_outbox` WHERE `id` = :id', ['id' => $id]);
    }

    public function later(int $id, int $attempts, string $error, bool $unreachable, ?int $after = null): void
    {
        $delay = $after ?? min(self::LONGEST_DELAY, self::FIRST_DELAY * 2 ** min($attempts, 10));
        FoyerDatabase::run(
            $this->db,
            'UPDATE `lhc_foyer_outbox` SET `attempts` = :attempts, `next_at` = :at, `error` = :error, `unreachable` = :away WHERE `id` = :id',
            ['attempts' => $attempts + 1, 'at' => time() + $delay, 'error' => mb_substr($error, 0, 250), 'away' => (int) $unreachable, 'id' => $id],
        );
    }

    /** Given up: kept for a person to look at, and out of the way of those behind it. */
    public function bury(int $id, string $error): void
    {
        FoyerDatabase::run(
            $this->db,
            'UPDATE `lhc_foyer_outbox` SET `dead` = 1, `unreachable` = 0, `error` = :error, `attempts` = `attempts` + 1 WHERE `id` = :id',
            ['error' => mb_substr($error, 0, 250), 'id' => $id],
        );
    }

    /** @param int|null $id null: all */
    public function resend(?int $id = null): int
    {
        $sql = 'UPDATE `lhc_foyer_outbox` SET `dead` = 0, `next_at` = 0, `attempts` = 0, `unreachable` = 0 WHERE ';
        return FoyerDatabase::run($this->db, $sql . ($id === null ? '1 = 1' : '`id` = :id'), $id === null ? [] : ['id' => $id])->rowCount();
    }

    public function forget(int $id): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_outbox` WHERE `id` = :id AND `dead` = 1', ['id' => $id]);
    }

    /** @return array{waiting: int, dead: int, oldest: int|null, error: string|null} */
    public function state(): array
    {
        $sql = 'SELECT SUM(`dead` = 0) AS `waiting`, SUM(`dead` = 1) AS `dead`, MIN(IF(`dead` = 0, `ctime`, NULL)) AS `oldest` FROM `lhc_foyer_outbox`';
        $row = FoyerDatabase::row($this->db, $sql) ?? [];
        $last = FoyerDatabase::row($this->db, "SELECT `error` FROM `lhc_foyer_outbox` WHERE `error` <> '' ORDER BY `next_at` DESC, `id` DESC LIMIT 1");
        return [
            'waiting' => (int) ($row['waiting'] ?? 0),
            'dead' => (int) ($row['dead'] ?? 0),
            'oldest' => isset($row['oldest']) ? (int) $row['oldest'] : null,
            'error' => $last['error'] ?? null,
        ];
    }

    /** @return list<array<string, mixed>> without what people wrote */
    public function listDead(int $limit): array
    {
        $sql = 'SELECT `id`, `lane`, `kind`, `attempts`, `error`, `ctime` FROM `lhc_foyer_outbox` WHERE `dead` = 1 ORDER BY `id` DESC LIMIT ' . $limit;
        return FoyerDatabase::rows($this->db, $sql);
    }
}
