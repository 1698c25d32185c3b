<?php

declare(strict_types=1);

/**
 * Operators who are online by XMPP are online in Live Helper Chat: their `last_activity` stays fresh, as the web interface keeps it. `hide_online` is the
 * operator's own wish and beats both. What the web interface wrote is never taken back here, and a web logout doesn't end an XMPP presence.
 */
final class FoyerPresence
{
    /** Who wants to be left alone gets no chats by Live Helper Chat's rules. */
    private const ONLINE = ['available', 'chat', 'away'];

    /** The bridge names all who are online every minute or so: an older word is out of date. */
    public const FRESH_SECONDS = 180;

    /** So long the bridge counts somebody as logged in here; the cron job says it again every minute. */
    public const WEB_SECONDS = 300;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** @param array<string, mixed>|null $operator as callbacks name them */
    public function set(?array $operator, string $show, int $at): string
    {
        $account = $this->foyer->operators()->byRef($operator);
        if ($account === null) {
            return 'unknown_operator';
        }
        if ($at < (int) $account['seen_at'] || $at < time() - self::FRESH_SECONDS) {
            return 'out_of_date';
        }
        $this->apply($account, $show, $at);
        return 'presence';
    }

    /**
     * @param list<array<string, mixed>> $online
     */
    public function snapshot(array $online, int $at): string
    {
        if ($at < time() - self::FRESH_SECONDS) {
            return 'out_of_date';
        }
        $shows = [];
        foreach ($online as $operator) {
            $account = $this->foyer->operators()->byRef($operator);
            if ($account !== null) {
                $shows[(int) $account['user_id']] = (string) $operator['show'];
            }
        }
        foreach ($this->foyer->operators()->all() as $account) {
            $show = $shows[(int) $account['user_id']] ?? 'offline';
            if ($at >= (int) $account['seen_at'] && ($show !== 'offline' || $account['presence'] !== 'offline')) {
                $this->apply($account, $show, $at);
            }
        }
        return 'presence';
    }

    public function tellWeb(int $userId, bool $online): void
    {
        if ($userId > 0 && $this->foyer->operators()->find($userId) !== null) {
            $this->foyer->tell(FoyerOutbox::OPERATORS, 'operator.web', ['user_id' => $userId, 'online' => $online]);
        }
    }

    /** Everybody whom the web interface has called active lately; nothing where the bridge hasn't taken the last word yet. */
    public function tellAllInWeb(): void
    {
        if ($this->foyer->outbox()->waits(FoyerOutbox::OPERATORS, 'operator.web')) {
            return;
        }
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT `account`.`user_id` FROM `lhc_foyer_operator` AS `account`
             JOIN (SELECT `user_id`, MAX(`last_activity`) AS `at` FROM `lh_userdep` GROUP BY `user_id`) AS `active` ON `active`.`user_id` = `account`.`user_id`
             WHERE `account`.`foyer_id` > 0 AND `active`.`at` > :since AND `active`.`at` <> `account`.`wrote_at` LIMIT 5000',
            ['since' => time() - intdiv(self::WEB_SECONDS, 2)],
        );
        foreach ($rows as $row) {
            $this->foyer->outbox()->add(FoyerOutbox::OPERATORS, 'operator.web', ['user_id' => (int) $row['user_id'], 'online' => true]);
        }
    }

    /** Somebody called the operator offline who knows of the web interface only. */
    public function restore(int $userId): void
    {
        $account = $this->foyer->operators()->find($userId);
        if ($account !== null && in_array($account['presence'], self::ONLINE, true) && (int) $account['seen_at'] > time() - self::FRESH_SECONDS) {
            $this->write($account, $account['presence'], (int) $account['seen_at']);
        }
    }

    /** @param array<string, mixed> $account */
    private function apply(array $account, string $show, int $at): void
    {
        $userId = (int) $account['user_id'];
        $was = in_array($account['presence'], self::ONLINE, true);
        $is = in_array($show, self::ONLINE, true);
        if ($is) {
            $this->write($account, $show, $at);
        } else {
            // Only what nobody has written since: a fresher value is the web interface's.
            FoyerDatabase::run(
                $this->foyer->db(),
                'UPDATE `lh_userdep` SET `last_activity` = 0 WHERE `user_id` = :id AND `last_activity` = :ours AND :some > 0',
                ['id' => $userId, 'ours' => (int) $account['wrote_at'], 'some' => (int) $account['wrote_at']],
            );
            $this->foyer->operators()->presence($userId, $show, $at, 0);
        }
        $user = $was === $is ? false : erLhcoreClassModelUser::fetch($userId);
        if (is_object($user)) {
            $params = ['user' => &$user, 'reason' => 'xmpp'];
            erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.operator_status_changed', $params);
        }
    }

    /** @param array<string, mixed> $account */
    private function write(array $account, string $show, int $at): void
    {
        $now = time();
        erLhcoreClassUserDep::updateLastActivityByUser((int) $account['user_id'], $now);
        $this->foyer->operators()->presence((int) $account['user_id'], $show, $at, $now);
    }
}
