<?php

declare(strict_types=1);

/** Group chats of operators: which has a room at the bridge, who belongs into it, and what of it was told. */
final class FoyerGroups
{
    private const PUBLIC_CHAT = 0;
    private const SUPPORT_CHAT = 2;
    private const CLOSED = 2;
    private const AT_ONCE = 500;
    /** As many as the bridge takes. */
    private const MEMBERS = 200;

    /** By their roles, as erLhcoreClassRole::accessArrayByUserID sees it: whoever may use group chats finds the public ones in the back office. */
    private const MAY_USE = "SELECT 1 FROM `lh_groupuser` AS `belongs` JOIN `lh_group` AS `users` ON `users`.`id` = `belongs`.`group_id` AND `users`.`disabled` = 0
        JOIN `lh_grouprole` AS `has` ON `has`.`group_id` = `belongs`.`group_id` JOIN `lh_rolefunction` AS `right` ON `right`.`role_id` = `has`.`role_id`
        WHERE `belongs`.`user_id` = `account`.`user_id` AND `right`.`module` IN ('*', 'lhgroupchat') AND `right`.`function` IN ('*', 'use')";

    public function __construct(private readonly PDO $db)
    {
    }

    public static function lane(int $groupId): string
    {
        return "g$groupId";
    }

    /** @return array<string, mixed>|null */
    public function find(int $groupId): ?array
    {
        return FoyerDatabase::row($this->db, 'SELECT * FROM `lhc_foyer_group` WHERE `group_id` = :id', ['id' => $groupId]);
    }

    /** @return int|null the group that this room of the bridge stands for */
    public function byRoom(int $foyerId): ?int
    {
        $row = FoyerDatabase::row($this->db, 'SELECT `group_id` FROM `lhc_foyer_group` WHERE `foyer_id` = :id AND `foyer_id` > 0', ['id' => $foyerId]);
        return $row === null ? null : (int) $row['group_id'];
    }

    /** Groups of operators about a visitor's chat, as far as they have a room. @return list<int> */
    public function ofChat(int $chatId): array
    {
        $sql = 'SELECT `group_id` FROM `lhc_foyer_group` WHERE `chat_id` = :id AND `chat_id` > 0 AND `foyer_id` > 0';
        return array_map('intval', array_column(FoyerDatabase::rows($this->db, $sql, ['id' => $chatId]), 'group_id'));
    }

    /**
     * A group as it is now; one about a chat that is over has no room any more.
     *
     * @return array{title: string, chat_id: int, members: list<int>}|null members by their numbers at the bridge
     */
    public function wanted(int $groupId): ?array
    {
        return $this->read('WHERE `chat`.`id` = :id', ['id' => $groupId])[$groupId] ?? null;
    }

    /** @return array<int, array{title: string, chat_id: int, members: list<int>}> the newest, by their ids */
    private function read(string $where, array $values): array
    {
        $groups = [];
        $public = null;
        $rows = FoyerDatabase::rows(
            $this->db,
            "SELECT `chat`.`id`, `chat`.`name`, `chat`.`type`, `chat`.`chat_id`, `about`.`status` FROM `lh_group_chat` AS `chat`
             LEFT JOIN `lh_chat` AS `about` ON `about`.`id` = `chat`.`chat_id` $where ORDER BY `chat`.`id` DESC LIMIT " . self::AT_ONCE,
            $values,
        );
        foreach ($rows as $row) {
            if ((int) $row['type'] === self::SUPPORT_CHAT && ($row['status'] === null || (int) $row['status'] === self::CLOSED)) {
                continue;
            }
            $also = (int) $row['type'] === self::PUBLIC_CHAT ? $public ??= $this->accounts("EXISTS (" . self::MAY_USE . ' AND `right`.`type` = 0)
                AND NOT EXISTS (' . self::MAY_USE . " AND `right`.`type` = 1 AND `right`.`module` = 'lhgroupchat')") : [];
            $title = FoyerDescribe::line((string) $row['name'], 100);
            $groups[(int) $row['id']] = ['title' => $title === '' ? "Group $row[id]" : $title, 'chat_id' => (int) $row['chat_id'], 'members' => $also];
        }
        foreach ($this->members(array_keys($groups)) as [$groupId, $foyerId]) {
            $groups[$groupId]['members'][] = $foyerId;
        }
        foreach ($groups as &$group) {
            sort($group['members']);
            $group['members'] = array_slice(array_values(array_unique($group['members'])), 0, self::MEMBERS);
        }
        return $groups;
    }

    /** Invited or joined: whoever is named in the group. @param list<int> $groupIds @return list<array{int, int}> group, number at the bridge */
    private function members(array $groupIds): array
    {
        if ($groupIds === []) {
            return [];
        }
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT `member`.`group_id`, `account`.`foyer_id` FROM `lh_group_chat_member` AS `member`
             JOIN `lhc_foyer_operator` AS `account` ON `account`.`user_id` = `member`.`user_id` AND `account`.`foyer_id` > 0
             JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id` AND `user`.`disabled` = 0
             WHERE `member`.`group_id` IN (' . implode(',', $groupIds) . ')',
        );
        return array_map(static fn (array $row): array => [(int) $row['group_id'], (int) $row['foyer_id']], $rows);
    }

    /** @return list<int> */
    private function accounts(string $which): array
    {
        $sql = "SELECT `account`.`foyer_id` FROM `lhc_foyer_operator` AS `account` JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id` AND `user`.`disabled` = 0
                WHERE `account`.`foyer_id` > 0 AND $which LIMIT " . self::MEMBERS;
        return array_map('intval', array_column(FoyerDatabase::rows($this->db, $sql), 'foyer_id'));
    }

    /** What was said before the connection, or while nobody had an XMPP account in it, is no business of the bridge. */
    public function know(int $groupId, int $chatId, int $connectedAt): void
    {
        $sql = 'INSERT IGNORE INTO `lhc_foyer_group` (`group_id`, `chat_id`, `floor_msg_id`, `ctime`) VALUES (:id, :chat, :floor, :now)';
        $values = ['id' => $groupId, 'chat' => $chatId, 'floor' => $this->lastMessage($groupId, $connectedAt), 'now' => time()];
        FoyerDatabase::run($this->db, $sql, $values);
    }

    public function bind(int $groupId, int $foyerId, string $title): void
    {
        $sql = "UPDATE `lhc_foyer_group` SET `foyer_id` = :foyer, `title` = :title, `told` = '' WHERE `group_id` = :id";
        FoyerDatabase::run($this->db, $sql, ['foyer' => $foyerId, 'title' => $title, 'id' => $groupId]);
    }

    public function titleTold(int $groupId, string $title): void
    {
        FoyerDatabase::run($this->db, 'UPDATE `lhc_foyer_group` SET `title` = :title WHERE `group_id` = :id', ['title' => $title, 'id' => $groupId]);
    }

    /** @param list<int> $members whom the bridge has let in */
    public function membersTold(int $groupId, array $members): void
    {
        $sql = 'UPDATE `lhc_foyer_group` SET `told` = :told WHERE `group_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['told' => self::digest($members), 'id' => $groupId]);
    }

    /** @param list<int> $members */
    public static function digest(array $members): string
    {
        return md5(implode(',', $members));
    }

    public function forget(int $groupId): void
    {
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_group` WHERE `group_id` = :id', ['id' => $groupId]);
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_group_message` WHERE `group_id` = :id', ['id' => $groupId]);
    }

    /** All that was said so far is left aside. */
    public function raiseFloor(int $groupId): void
    {
        $sql = 'UPDATE `lhc_foyer_group` SET `floor_msg_id` = GREATEST(`floor_msg_id`, :last) WHERE `group_id` = :id';
        FoyerDatabase::run($this->db, $sql, ['last' => $this->lastMessage($groupId, PHP_INT_MAX), 'id' => $groupId]);
    }

    private function lastMessage(int $groupId, int $before): int
    {
        $sql = 'SELECT MAX(`id`) AS `id` FROM `lh_group_msg` WHERE `chat_id` = :id AND `time` < :before';
        return (int) (FoyerDatabase::row($this->db, $sql, ['id' => $groupId, 'before' => $before])['id'] ?? 0);
    }

    /**
     * What people said here and the bridge hasn't been told, in order.
     *
     * @return list<object> rows of lh_group_msg
     */
    public function untold(int $groupId, int $limit): array
    {
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT `message`.* FROM `lh_group_msg` AS `message` JOIN `lhc_foyer_group` AS `known` ON `known`.`group_id` = :id
             LEFT JOIN `lhc_foyer_group_message` AS `told` ON `told`.`msg_id` = `message`.`id`
             WHERE `message`.`chat_id` = :id2 AND `message`.`user_id` > 0 AND `message`.`id` > `known`.`floor_msg_id` AND `told`.`msg_id` IS NULL
             ORDER BY `message`.`id` LIMIT ' . $limit,
            ['id' => $groupId, 'id2' => $groupId],
        );
        return array_map(static fn (array $row): object => (object) $row, $rows);
    }

    /** The bridge has it, or it came from there, where it is $foyerId. */
    public function rememberMessage(int $messageId, int $groupId, int $foyerId = 0): void
    {
        $sql = 'INSERT IGNORE INTO `lhc_foyer_group_message` (`msg_id`, `group_id`, `foyer_id`, `ctime`) VALUES (:msg, :id, :foyer, :now)';
        FoyerDatabase::run($this->db, $sql, ['msg' => $messageId, 'id' => $groupId, 'foyer' => $foyerId, 'now' => time()]);
    }

    /** The row of what came from the bridge; null: it didn't, or that is too long ago. */
    public function messageOf(int $groupId, int $foyerId): ?int
    {
        $sql = 'SELECT `msg_id` FROM `lhc_foyer_group_message` WHERE `group_id` = :id AND `foyer_id` = :foyer AND `foyer_id` > 0';
        $row = FoyerDatabase::row($this->db, $sql, ['id' => $groupId, 'foyer' => $foyerId]);
        return $row === null ? null : (int) $row['msg_id'];
    }

    /**
     * Groups of which the bridge has another idea. Most ways to make, change and remove one have no event.
     *
     * @param int $settled what was said since then is about to be told by its own request
     * @return list<int>
     */
    public function changed(int $settled): array
    {
        $wanted = $this->read('', []);
        $known = [];
        foreach (FoyerDatabase::rows($this->db, 'SELECT * FROM `lhc_foyer_group` ORDER BY `group_id` DESC LIMIT ' . self::AT_ONCE) as $row) {
            $known[(int) $row['group_id']] = $row;
        }
        $changed = [];
        foreach ($wanted as $id => $group) {
            $told = (int) ($known[$id]['foyer_id'] ?? 0) > 0 ? $known[$id]['told'] : '';
            if ($told === '' ? $group['members'] !== [] : $told !== self::digest($group['members']) || $known[$id]['title'] !== $group['title']) {
                $changed[] = $id;
            }
        }
        $gone = array_filter($known, static fn (array $row, int $id): bool => !isset($wanted[$id]) && (int) $row['foyer_id'] > 0, ARRAY_FILTER_USE_BOTH);
        $rows = FoyerDatabase::rows(
            $this->db,
            'SELECT DISTINCT `known`.`group_id` FROM `lhc_foyer_group` AS `known`
             JOIN `lh_group_msg` AS `message` ON `message`.`chat_id` = `known`.`group_id` AND `message`.`id` > `known`.`floor_msg_id` AND `message`.`user_id` > 0
             LEFT JOIN `lhc_foyer_group_message` AS `told` ON `told`.`msg_id` = `message`.`id`
             WHERE `known`.`foyer_id` > 0 AND `message`.`time` < :settled AND `told`.`msg_id` IS NULL LIMIT ' . self::AT_ONCE,
            ['settled' => $settled],
        );
        return array_values(array_unique([...$changed, ...array_keys($gone), ...array_map('intval', array_column($rows, 'group_id'))]));
    }

    /** Messages that were told long ago are below the floor instead. */
    public function clean(int $before): void
    {
        FoyerDatabase::run(
            $this->db,
            'UPDATE `lhc_foyer_group` AS `known` JOIN (SELECT `group_id`, MAX(`msg_id`) AS `id` FROM `lhc_foyer_group_message` WHERE `ctime` < :before GROUP BY `group_id`) AS `old`
             ON `old`.`group_id` = `known`.`group_id` SET `known`.`floor_msg_id` = GREATEST(`known`.`floor_msg_id`, `old`.`id`)',
            ['before' => $before],
        );
        FoyerDatabase::run($this->db, 'DELETE FROM `lhc_foyer_group_message` WHERE `ctime` < :before LIMIT 10000', ['before' => $before]);
    }
}
