<?php

declare(strict_types=1);

/** Which chat and message of Live Helper Chat is which at the bridge. */
final class FoyerChatMap
{
    public function __construct(private readonly PDO $db)
    {
    }

    /**
     * The lane of a chat stays the same for its whole life: entries of two lanes could overtake each other.
     *
     * @param int $floor messages up to this one are no business of the bridge: they were said before it was connected
     */
    public function lane(int $chatId, int $onlineUserId, int $floor = 0): string
    {
        $known = $this->find($chatId);
        if ($known !== null) {
            return $known['lane'];
        }
        $lane = $onlineUserId > 0 ? self::visitorLane($onlineUserId) : "c$chatId";
        FoyerDatabase::run(
            $this->db,
            'INSERT IGNORE INTO `lhc_foyer_chat` (`chat_id`, `lane`, `floor_msg_id`, `ctime`) VALUES (:id, :lane, :floor, :now)',
            ['id' => $chatId, 'lane' => $lane, 'floor' => $floor, 'now' => time()],
        );
        return $lane;
    }

    public static function visitorLane(int $onlineUserId): string
    {
        return "v$onlineUserId";
    }

    /** @return array{chat_id: int, lane: string, foyer_id: int, open: bool, floor: int, owner: int}|null */
    public function find(int $chatId): ?array
    {
        return self::shape(FoyerDatabase::row($this->db, 'SELECT * FROM `lhc_foyer_chat` WHERE `chat_id` = :id', ['id' => $chatId]));
    }

    /**
     * A visitor who begins a second chat while the bridge has the first one open goes on in that: the newest is meant.
     *
     * @return array{chat_id: int, lane: string, foyer_id: int, open: bool, floor: int, owner: int}|null
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

    /** @param int $userId who has the chat by what the bridge was told, or is about to be; 0: nobody */
    public function owner(int $chatId, int $userId): void
    {
        FoyerDatabase::run($this->db, 'UPDATE `lhc_foyer_chat` SET `owner` = :user WHERE `chat_id` = :id', ['user' => $userId, 'id' => $chatId]);
    }

    public function forget(int $chatId): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_chat` WHERE `chat_id` = :id', ['id' => $chatId]);
    }

    /** All up to this message is told otherwise. */
    public function raiseFloor(int $chatId, int $messageId): void
    {
        FoyerDatabase::run(
            $this->db,
            'UPDATE `lhc_foyer_chat` SET `floor_msg_id` = :msg WHERE `chat_id` = :id AND `floor_msg_id` < :msg2',
            ['msg' => $messageId, 'msg2' => $messageId, 'id' => $chatId],
        );
    }

    /**
     * What the visitor said and the bridge hasn't been told, in order.
     *
     * @return list<object> rows of lh_msg
     */
    public function untold(int $chatId, int $limit): array
    {
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT `message`.`id`, `message`.`msg`, `message`.`meta_msg`, `message`.`user_id` FROM `lh_msg` AS `message`
             JOIN `lhc_foyer_chat` AS `known` ON `known`.`chat_id` = :id
             LEFT JOIN `lhc_foyer_message` AS `told` ON `told`.`msg_id` = `message`.`id`
             WHERE `message`.`chat_id` = :id2 AND `message`.`user_id` = 0 AND `message`.`id` > `known`.`floor_msg_id` AND `told`.`msg_id` IS NULL
             ORDER BY `message`.`id` LIMIT ' . $limit,
            ['id' => $chatId, 'id2' => $chatId],
        );
        return array_map(static fn (array $row): object => (object) $row, $rows);
    }

    /** @param int $number 0: the bridge refused it for good */
    public function rememberMessage(int $messageId, int $foyerId, int $number): void
    {
        FoyerDatabase::run(
            $this->db,
            'INSERT IGNORE INTO `lhc_foyer_message` (`msg_id`, `foyer_id`, `number`, `ctime`) VALUES (:msg, :foyer, :number, :now)',
            ['msg' => $messageId, 'foyer' => $foyerId, 'number' => $number, 'now' => time()],
        );
    }

    /** Number at the bridge; null when it hasn't been told. */
    public function numberOf(int $messageId): ?int
    {
        $row = FoyerDatabase::row($this->db, 'SELECT `number` FROM `lhc_foyer_message` WHERE `msg_id` = :msg', ['msg' => $messageId]);
        return $row === null ? null : (int) $row['number'];
    }

    /** @return array{foyer_id: int, number: int}|null where the bridge has it */
    public function told(int $messageId): ?array
    {
        $sql = 'SELECT `foyer_id`, `number` FROM `lhc_foyer_message` WHERE `msg_id` = :msg AND `foyer_id` > 0 AND `number` > 0';
        $row = FoyerDatabase::row($this->db, $sql, ['msg' => $messageId]);
        return $row === null ? null : ['foyer_id' => (int) $row['foyer_id'], 'number' => (int) $row['number']];
    }

    public function messageOf(int $foyerId, int $number): ?int
    {
        $sql = 'SELECT `msg_id` FROM `lhc_foyer_message` WHERE `foyer_id` = :foyer AND `number` = :number AND `number` > 0 ORDER BY `msg_id` LIMIT 1';
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
     * @return array{chat_id: int, lane: string, foyer_id: int, open: bool, floor: int, owner: int}|null
     */
    private static function shape(?array $row): ?array
    {
        return $row === null ? null : [
            'chat_id' => (int) $row['chat_id'],
            'lane' => (string) $row['lane'],
            'foyer_id' => (int) $row['foyer_id'],
            'open' => (int) $row['open'] === 1,
            'floor' => (int) $row['floor_msg_id'],
            'owner' => (int) $row['owner'],
        ];
    }
}
