<?php

declare(strict_types=1);

/** What the bridge says of a chat: taken, released, closed, and how far the visitor's messages have come. */
final class FoyerChatState
{
    private const PENDING = 0;
    private const ACTIVE = 1;
    private const CLOSED = 2;
    private const BOT = 5;
    /** Contact form, ended by the visitor, survey shown, survey filled: nothing more is said to the visitor there. */
    private const OVER = [2, 3, 5, 9];
    private const STATES = ['sent' => 1, 'acked' => 1, 'delivered' => 2, 'seen' => 3];
    private const OWNER_CHANGED = 1;
    private const READ = 3;
    private const ONLINE_SECONDS = 300;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /**
     * The chat that a callback is about: the one that the bridge was told of, or the one that its visitor has open. Locked; null when there is none.
     *
     * @param array<string, mixed> $data
     */
    public function lockChat(array $data): ?object
    {
        $foyerId = (int) ($data['chat']['id'] ?? 0);
        $known = $this->foyer->chats()->byFoyer($foyerId);
        if ($known !== null) {
            $chat = erLhcoreClassModelChat::fetchAndLock($known['chat_id']);
            return is_object($chat) ? $chat : null;
        }
        $visitorId = (string) ($data['visitor']['external_id'] ?? '');
        $visitor = ctype_digit($visitorId) ? erLhcoreClassModelChatOnlineUser::fetch((int) $visitorId) : false;
        $chat = is_object($visitor) && (int) $visitor->chat_id > 0 ? erLhcoreClassModelChat::fetchAndLock((int) $visitor->chat_id) : false;
        if (!is_object($chat) || self::isOver($chat)) {
            return null;
        }
        $this->foyer->chats()->lane((int) $chat->id, (int) $visitorId);
        $this->foyer->chats()->bind((int) $chat->id, $foyerId);
        return $chat;
    }

    public static function isOver(object $chat): bool
    {
        return (int) $chat->status === self::CLOSED || in_array((int) $chat->status_sub, self::OVER, true);
    }

    /** @param array<string, mixed> $data */
    public function accepted(array $data): string
    {
        $account = $this->foyer->operators()->byRef($data['operator'] ?? null);
        $user = $account === null ? false : erLhcoreClassModelUser::fetch((int) $account['user_id']);
        $chat = is_object($user) ? $this->lockChat($data) : null;
        if ($chat === null) {
            return 'ignored';
        }
        if (in_array((int) $chat->status, [self::PENDING, self::BOT], true) && (int) $user->invisible_mode === 0) {
            (new FoyerPosting($this->foyer))->accept($chat, $user);
            return 'accepted';
        }
        if ((int) $chat->status !== self::ACTIVE || (int) $chat->user_id === (int) $user->id) {
            return 'ignored';
        }
        // Whoever has taken it here since keeps it: the bridge is about to hear of that, and says it to the other.
        if ($this->foyer->outbox()->waits($this->foyer->chats()->lane((int) $chat->id, (int) $chat->online_user_id), 'assign')) {
            return 'already_accepted';
        }
        $this->handOver($chat, $user);
        return 'handed_over';
    }

    private function handOver(object $chat, object $user): void
    {
        $before = (int) $chat->user_id;
        $chat->user_id = $user->id;
        $chat->status_sub = self::OWNER_CHANGED;
        $chat->updateThis(['update' => ['user_id', 'status_sub']]);
        $this->foyer->chats()->owner((int) $chat->id, (int) $user->id);
        $params = ['chat' => &$chat, 'user' => $user];
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.chat_owner_changed', $params);
        (new FoyerPosting($this->foyer))->count($chat, [$before, (int) $user->id]);
    }

    /** The operator's XMPP client has gone: the chat waits again, unless he has it in the web interface too. */
    public function waiting(array $data): string
    {
        $chat = $this->lockChat($data);
        $account = $chat === null ? null : $this->foyer->operators()->find((int) $chat->user_id);
        $user = $account === null ? false : erLhcoreClassModelUser::fetch((int) $chat->user_id);
        if (!is_object($user) || (int) $chat->status !== self::ACTIVE || $this->isInWebInterface($account)) {
            return 'ignored';
        }
        $before = $chat->getState();
        $params = ['user' => $user, 'chat' => $chat, 'status' => self::PENDING, 'allow_close_remote' => false];
        erLhcoreClassChatHelper::changeStatus($params);
        $this->foyer->chats()->owner((int) $chat->id, 0);
        $changed = ['initiator' => 'xmpp', 'chat' => &$chat, 'user_data' => $user, 'previous_attributes' => $before];
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.data_changed', $changed);
        (new FoyerPosting($this->foyer))->count($chat, [(int) $user->id]);
        return 'waiting';
    }

    /** Only an operator ends a chat of Live Helper Chat's; when the bridge has merely given one up, others may go on with it here. */
    public function closed(array $data): string
    {
        $known = $this->foyer->chats()->byFoyer((int) ($data['chat']['id'] ?? 0));
        if ($known === null) {
            return 'ignored';
        }
        $this->foyer->chats()->ended($known['chat_id']);
        $chat = ($data['chat']['closed_by'] ?? '') === 'operator' ? erLhcoreClassModelChat::fetchAndLock($known['chat_id']) : false;
        if (!is_object($chat) || (int) $chat->status === self::CLOSED) {
            return 'ended';
        }
        $account = $this->foyer->operators()->byRef($data['operator'] ?? null);
        $user = erLhcoreClassModelUser::fetch((int) ($account['user_id'] ?? $chat->user_id));
        erLhcoreClassChatHelper::closeChat(['user' => is_object($user) ? $user : false, 'chat' => $chat]);
        return 'closed';
    }

    /** @param array<string, mixed> $data */
    public function delivered(array $data): string
    {
        $state = self::STATES[$data['state'] ?? ''] ?? 0;
        if (($data['sender'] ?? '') !== 'visitor' || $state < 2) {
            return 'ignored';
        }
        $known = $this->foyer->chats()->byFoyer((int) ($data['chat']['id'] ?? 0));
        $ids = $known === null ? [] : $this->foyer->chats()->messagesBetween($known['foyer_id'], (int) $data['from'], (int) $data['to']);
        $chat = $ids === [] ? false : erLhcoreClassModelChat::fetchAndLock($known['chat_id']);
        if (!is_object($chat)) {
            return 'ignored';
        }
        FoyerDatabase::run(
            $this->foyer->db(),
            'UPDATE `lh_msg` SET `del_st` = :state WHERE `id` IN (' . implode(',', $ids) . ') AND `user_id` = 0 AND `del_st` < :state2',
            ['state' => $state, 'state2' => $state],
        );
        if ($state === self::READ && (int) $chat->has_unread_messages !== 0 && $this->allRead((int) $chat->id)) {
            $chat->has_unread_messages = 0;
            $chat->updateThis(['update' => ['has_unread_messages']]);
        }
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.vi_msg_delivered', ['chat' => &$chat]);
        return 'state';
    }

    private function allRead(int $chatId): bool
    {
        $sql = 'SELECT 1 FROM `lh_msg` WHERE `chat_id` = :id AND `user_id` = 0 AND `del_st` < ' . self::READ . ' LIMIT 1';
        return FoyerDatabase::row($this->foyer->db(), $sql, ['id' => $chatId]) === null;
    }

    /** Somebody else than Foyer has called the operator active lately. */
    private function isInWebInterface(array $account): bool
    {
        $sql = 'SELECT MAX(`last_activity`) AS `at` FROM `lh_userdep` WHERE `user_id` = :id';
        $at = (int) (FoyerDatabase::row($this->foyer->db(), $sql, ['id' => (int) $account['user_id']])['at'] ?? 0);
        return $at > time() - self::ONLINE_SECONDS && $at !== (int) $account['wrote_at'];
    }
}
