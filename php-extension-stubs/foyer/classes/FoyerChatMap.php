<?php

declare(strict_types=1);

/** Which chat and message of Live Helper Chat is which at the bridge. */
final class FoyerChatMap
{
    public function __construct(private readonly PDO $db)
    {
    }

    /** The lane of a chat stays the same for its whole life: entries of two lanes could overtake each other. */
    public function lane(int $chatId, int $onlineUserId): string
    {
        $known = $this->find($chatId);
        if ($known !== null) {
            return $known['lane'];
        }
        $lane = $onlineUserId > 0 ? self::visitorLane($onlineUserId) : "c$chatId";
        FoyerDatabase::run(
            $this->db,
            'INSERT IGNORE INTO `lhc_foyer_chat` (`chat_id`, `lane`, `ctime`) VALUES (:id, :lane, :now)',
            ['id' => $chatId, 'lane' => $lane, 'now' => time()],
        );
        return $lane;
    }

    public static function visitorLane(int $onlineUserId): string
    {
        return "v$onlineUserId";
    }

    /** @return array{chat_id: int, lane: string, foyer_id: int, open: bool, last_msg_id: int}|null */
    public function find(int $chatId): ?array
    {
        return self::shape(FoyerDatabase::row($this->db, 'SELECT * FROM `lhc_foyer_chat` WHERE `chat_id` = :id', ['id' => $chatId]));
    }

    /**
     * A visitor who begins a second chat while the bridge has the first one open goes on in that: the newest is meant.
     *
     * @return array{chat_id: int, lane: string, foyer_id: int, open: bool, last_msg_id: int}|null
     */
    public function byFoyer(int $foyerId): ?array
    {
        $sql = 'SELECT * FROM `lhc_foyer_chat` WHERE `foyer_id` = :id ORDER BY `chat_id` DESC LIMIT 1';
        return self::shape(FoyerDatabase::row($this->db, $sql, ['id' => $foyerId]));
    }

    public function bind(int $chatId, int $foyerId): void
    {
        $sql = 'UPDATE `lhc_foyer_chat` SET `foyer_id` = :foyer, `open` = 1 WHERE `chat_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['foyer' => $foyerId, 'id' => $chatId]);
    }

    /** The bridge's chat has ended: what the visitor says next begins another there. */
    public function ended(int $chatId): void
    {
        FoyerDatabase::run($this->db, 'UPDATE `lhc_foyer_chat` SET `open` = 0 WHERE `chat_id` = :id', ['id' => $chatId]);
    }

    public function forget(int $chatId): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_chat` WHERE `chat_id` = :id', ['id' => $chatId]);
    }

    /** The visitor's messages up to this one are in the outbox or beyond it. */
    public function queued(int $chatId, int $messageId): void
    {
        FoyerDatabase::run(
            $this->db,
            'UPDATE `lhc_foyer_chat` SET `last_msg_id` = :msg WHERE `chat_id` = :id AND `last_msg_id` < :msg2',
            ['msg' => $messageId, 'msg2' => $messageId, 'id' => $chatId],
        );
    }

    public function rememberMessage(int $messageId, int $foyerId, int $number): void
    {
        FoyerDatabase::run(
            $this->db,
            'INSERT IGNORE INTO `lhc_foyer_message` (`msg_id`, `foyer_id`, `number`, `ctime`) VALUES (:msg, :foyer, :number, :now)',
            ['msg' => $messageId, 'foyer' => $foyerId, 'number' => $number, 'now' => time()],
        );
    }

    public function messageOf(int $foyerId, int $number): ?int
    {
        $sql = 'SELECT `msg_id` FROM `lhc_foyer_message` WHERE `foyer_id` = :foyer AND `number` = :number ORDER BY `msg_id` LIMIT 1';
        $row = FoyerDatabase::row($this->db, $sql, ['foyer' => $foyerId, 'number' => $number]);
        return $row === null ? null : (int) $row['msg_id'];
    }

    /** @return list<int> */
    public function messagesBetween(int $foyerId, int $from, int $to): array
    {
        $sql = 'SELECT `msg_id` FROM `lhc_foyer_message` WHERE `foyer_id` = :foyer AND `number` BETWEEN :from AND :to ORDER BY `number` LIMIT 1000';
        $rows = FoyerDatabase::rows($this->db, $sql, ['foyer' => $foyerId, 'from' => $from, 'to' => $to]);
        return array_map(static fn (array $row): int => (int) $row['msg_id'], $rows);
    }

    /** Number of the last message up to this one that the bridge knows; 0 for none. */
    public function lastNumber(int $foyerId, int $messageId): int
    {
        $sql = 'SELECT MAX(`number`) AS `number` FROM `lhc_foyer_message` WHERE `foyer_id` = :foyer AND `msg_id` <= :msg';
        return (int) (FoyerDatabase::row($this->db, $sql, ['foyer' => $foyerId, 'msg' => $messageId])['number'] ?? 0);
    }

    /**
     * @param array<string, mixed>|null $row
     * @return array{chat_id: int, lane: string, foyer_id: int, open: bool, last_msg_id: int}|null
     */
    private static function shape(?array $row): ?array
    {
        return $row === null ? null : [
            'chat_id' => (int) $row['chat_id'],
            'lane' => (string) $row['lane'],
            'foyer_id' => (int) $row['foyer_id'],
            'open' => (int) $row['open'] === 1,
            'last_msg_id' => (int) $row['last_msg_id'],
        ];
    }
}
