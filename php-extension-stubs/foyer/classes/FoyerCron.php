<?php

declare(strict_types=1);

/** What happens by the clock. Several at once do no harm: each lane is served by one. */
final class FoyerCron
{
    private const CONNECT_SECONDS = 3.0;
    /** An ordinary request has written its words down by then. */
    private const SETTLED_SECONDS = 10;
    private const AT_ONCE = 500;
    private const DAY = 86400;
    /** The bridge tries a callback for 76 hours. */
    private const RECEIVED_DAYS = 7;
    private const MESSAGE_DAYS = 90;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** @param callable(string): void $say */
    public function run(float $seconds, callable $say): void
    {
        $until = microtime(true) + $seconds;
        foreach (FoyerMigration::run($this->foyer) as $line) {
            $say($line);
        }
        $found = $this->findUntold();
        if ($found > 0) {
            $say("$found found that no event told");
        }
        (new FoyerPresence($this->foyer))->tellAllInWeb();
        $bridge = $this->foyer->bridge(self::CONNECT_SECONDS, (float) $this->foyer->settings()->seconds('cron_call_seconds'));
        $sent = $this->foyer->delivery($bridge)->run([], $until);
        $state = $this->foyer->outbox()->state();
        $say("$sent sent, $state[waiting] waiting, $state[dead] given up" . ($state['error'] === null ? '' : ", last error: $state[error]"));
        $this->clean();
    }

    /**
     * Some ways lead past every event: a chat or operator deleted by REST, another owner by it, departments and limits that an administrator gives to a
     * user, a chat ended by `restapi/closechatasvisitor` or by plain SQL, a visitor's message by a button of a bot, most of what happens to group chats.
     */
    public function findUntold(): int
    {
        return $this->endedChats() + $this->otherOwners() + $this->untoldChats() + $this->untoldMessages() + $this->removedUsers() + $this->changedUsers()
            + $this->hiddenUsers() + (new FoyerGroupEvents($this->foyer))->tellChanged();
    }

    private function endedChats(): int
    {
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `known`.`chat_id`, `known`.`lane`, `chat`.`id`, `chat`.`status`, `chat`.`status_sub` FROM `lhc_foyer_chat` AS `known`
             LEFT JOIN `lh_chat` AS `chat` ON `chat`.`id` = `known`.`chat_id`
             WHERE `known`.`open` = 1 AND `known`.`foyer_id` > 0 AND (`chat`.`id` IS NULL OR `chat`.`status` = 2 OR `chat`.`status_sub` = 3)
             AND NOT EXISTS (SELECT 1 FROM `lhc_foyer_outbox` AS `entry` WHERE `entry`.`lane` = `known`.`lane` AND `entry`.`dead` = 0)
             LIMIT ' . self::AT_ONCE,
        );
        foreach ($rows as $row) {
            $by = $row['id'] !== null && (int) $row['status'] !== 2 ? 'visitor' : 'helpdesk';
            $payload = ['chat_id' => (int) $row['chat_id'], 'by' => $by, 'deleted' => $row['id'] === null];
            $this->foyer->outbox()->add($row['lane'], 'close', $payload);
        }
        return count($rows);
    }

    private function otherOwners(): int
    {
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `known`.`chat_id`, `known`.`lane`, `chat`.`user_id` FROM `lhc_foyer_chat` AS `known` JOIN `lh_chat` AS `chat` ON `chat`.`id` = `known`.`chat_id`
             WHERE `known`.`open` = 1 AND `known`.`foyer_id` > 0 AND `chat`.`status` = 1 AND `chat`.`user_id` > 0 AND `chat`.`user_id` <> `known`.`owner`
             AND NOT EXISTS (SELECT 1 FROM `lhc_foyer_outbox` AS `entry` WHERE `entry`.`lane` = `known`.`lane` AND `entry`.`dead` = 0)
             LIMIT ' . self::AT_ONCE,
        );
        foreach ($rows as $row) {
            $this->foyer->outbox()->add($row['lane'], 'assign', ['chat_id' => (int) $row['chat_id'], 'by' => '']);
            $this->foyer->chats()->owner((int) $row['chat_id'], (int) $row['user_id']);
        }
        return count($rows);
    }

    /** The process that began it was killed between the commit and the event, or there is no event: an operator began it from the list of visitors. */
    private function untoldChats(): int
    {
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `chat`.`id`, `chat`.`online_user_id` FROM `lh_chat` AS `chat`
             LEFT JOIN `lhc_foyer_chat` AS `known` ON `known`.`chat_id` = `chat`.`id`
             WHERE `chat`.`status` IN (0, 1) AND `chat`.`time` >= :since AND `chat`.`time` < :settled AND `known`.`chat_id` IS NULL
             ORDER BY `chat`.`id` LIMIT ' . self::AT_ONCE,
            ['since' => max(1, $this->foyer->settings()->connectedAt), 'settled' => time() - self::SETTLED_SECONDS],
        );
        foreach ($rows as $row) {
            $lane = $this->foyer->chats()->lane((int) $row['id'], (int) $row['online_user_id']);
            $this->foyer->outbox()->add($lane, 'words', ['chat_id' => (int) $row['id'], 'begin' => true]);
        }
        return count($rows);
    }

    private function untoldMessages(): int
    {
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT DISTINCT `known`.`chat_id`, `known`.`lane` FROM `lhc_foyer_chat` AS `known`
             JOIN `lh_chat` AS `chat` ON `chat`.`id` = `known`.`chat_id` AND `chat`.`status` IN (0, 1)
             JOIN `lh_msg` AS `message` ON `message`.`chat_id` = `known`.`chat_id` AND `message`.`id` > `known`.`floor_msg_id`
             LEFT JOIN `lhc_foyer_message` AS `told` ON `told`.`msg_id` = `message`.`id`
             WHERE `known`.`open` = 1 AND `message`.`user_id` = 0 AND `message`.`time` < :settled AND `told`.`msg_id` IS NULL
             AND NOT EXISTS (SELECT 1 FROM `lhc_foyer_outbox` AS `entry` WHERE `entry`.`lane` = `known`.`lane` AND `entry`.`dead` = 0)
             LIMIT ' . self::AT_ONCE,
            ['settled' => time() - self::SETTLED_SECONDS],
        );
        foreach ($rows as $row) {
            $this->foyer->outbox()->add($row['lane'], 'words', ['chat_id' => (int) $row['chat_id']]);
        }
        return count($rows);
    }

    private function removedUsers(): int
    {
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `account`.`user_id` FROM `lhc_foyer_operator` AS `account` LEFT JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id`
             WHERE `user`.`id` IS NULL LIMIT ' . self::AT_ONCE,
        );
        foreach ($rows as $row) {
            (new FoyerAccounts($this->foyer))->remove((int) $row['user_id']);
        }
        return count($rows);
    }

    private function hiddenUsers(): int
    {
        if ($this->foyer->outbox()->waits(FoyerOutbox::OPERATORS, 'operator.duty')) {
            return 0;
        }
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `user`.`id` FROM `lhc_foyer_operator` AS `account` JOIN `lh_users` AS `user` ON `user`.`id` = `account`.`user_id`
             WHERE `account`.`foyer_id` > 0 AND `user`.`hide_online` <> `account`.`off_duty` LIMIT ' . self::AT_ONCE,
        );
        foreach ($rows as $row) {
            $this->foyer->outbox()->add(FoyerOutbox::OPERATORS, 'operator.duty', ['user_id' => (int) $row['id']]);
        }
        return count($rows);
    }

    private function changedUsers(): int
    {
        if ($this->foyer->outbox()->waits(FoyerOutbox::OPERATORS, 'operator.change')) {
            return 0;
        }
        $changed = $this->foyer->operators()->changed(self::AT_ONCE);
        foreach ($changed as $userId) {
            (new FoyerAccounts($this->foyer))->follow($userId);
        }
        return count($changed);
    }

    private function clean(): void
    {
        $now = time();
        $dead = $now - $this->foyer->settings()->seconds('dead_days') * self::DAY;
        $open = 'SELECT `foyer_id` FROM `lhc_foyer_chat` WHERE `open` = 1';
        $old = [
            ['lhc_foyer_outbox', '`dead` = 1 AND `ctime` < :before', $dead],
            ['lhc_foyer_received', '`ctime` < :before', $now - self::RECEIVED_DAYS * self::DAY],
            ['lhc_foyer_message', "`ctime` < :before AND `foyer_id` NOT IN ($open)", $now - self::MESSAGE_DAYS * self::DAY],
            ['lhc_foyer_visitor', '`told_at` < :before', $now - self::DAY],
            ['lhc_foyer_chat', '`open` = 0 AND `ctime` < :before', $now - self::MESSAGE_DAYS * self::DAY],
        ];
        $this->foyer->groups()->clean($now - self::RECEIVED_DAYS * self::DAY);
        foreach ($old as [$table, $which, $before]) {
            FoyerDatabase::run($this->foyer->db(), "DELETE FROM `$table` WHERE $which LIMIT 10000", ['before' => $before]);
        }
    }
}
