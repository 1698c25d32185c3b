<?php

declare(strict_types=1);

/**
 * Group chats of operators come, change and go, and things are said in them. Whatever happened, the entry only names the group: what it is like is read when the
 * bridge is told.
 */
final class FoyerGroupEvents
{
    /** Requests that change groups and tell nobody; what they did is looked for at their end. */
    private const ADDRESS = '#/groupchat/(?:newgroupajax|new|edit|delete|leave|cancelinvite|inviteoperator|loadgroupchat|loadpublichat|startchatwithoperator)\b|/restapi/startchatwithoperator/#';
    private const SETTLED_SECONDS = 10;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** Called on every request: costs a comparison where it is another one. */
    public static function watch(string $uri): void
    {
        if (preg_match(self::ADDRESS, $uri) === 1) {
            register_shutdown_function(static fn () => self::look());
        }
    }

    public static function look(): void
    {
        try {
            $foyer = Foyer::instance();
            if ($foyer->settings()->connected() && !$foyer->db()->inTransaction()) {
                // Also where an entry waits: it may be on its way just now, with the group as it was before.
                foreach ($foyer->groups()->changed(time() - self::SETTLED_SECONDS) as $groupId) {
                    (new self($foyer))->tell($groupId);
                }
            }
        } catch (\Throwable $fault) {
            FoyerLog::fault('group chats', $fault);
        }
    }

    /** By the clock. @return int how many the bridge is told of that it wasn't already */
    public function tellChanged(): int
    {
        $told = 0;
        foreach ($this->foyer->groups()->changed(time() - self::SETTLED_SECONDS) as $groupId) {
            if (!$this->foyer->outbox()->waits(FoyerGroups::lane($groupId), 'group')) {
                $this->tell($groupId);
                $told += 1;
            }
        }
        return $told;
    }

    public function room(array $params): void
    {
        $this->tellOf($params['chat']->id ?? 0);
    }

    /** @see group_chat.new_group_chat_message, too: it has the member whom the message is about */
    public function member(array $params): void
    {
        $this->tellOf($params['member']->group_id ?? 0);
    }

    /** A visitor's chat is over, and with it what operators had to say about it. */
    public function chatEnded(int $chatId): void
    {
        foreach ($this->foyer->groups()->ofChat($chatId) as $groupId) {
            $this->tell($groupId);
        }
    }

    private function tellOf(mixed $groupId): void
    {
        if ((int) $groupId > 0 && !FoyerLoop::active()) {
            $this->tell((int) $groupId);
        }
    }

    private function tell(int $groupId): void
    {
        $this->foyer->tell(FoyerGroups::lane($groupId), 'group', ['group_id' => $groupId]);
    }
}
