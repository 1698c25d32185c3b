<?php

declare(strict_types=1);

/** What becomes of a chat: taken, transferred, closed, deleted. */
final class FoyerChatStateEvents
{
    private const PENDING = 0;
    private const ACTIVE = 1;
    private const CLOSED = 2;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** Who has it is read when the bridge is told; those at their XMPP clients hear of it from there. */
    public function accepted(array $params): void
    {
        $this->assign($params, '');
    }

    /** `chat.accept` says who took a chat; here is what it doesn't: put back, or made active by its status. */
    public function changed(array $params): void
    {
        $chat = FoyerChatEvents::chat($params);
        $before = $params['previous_attributes'] ?? null;
        if ($chat === null || !is_array($before) || (int) ($before['status'] ?? -1) === (int) $chat->status) {
            return;
        }
        if ((int) $chat->status === self::PENDING) {
            $this->tell($params, 'release', []);
        }
        $this->compareOwner($chat);
    }

    /** Some ways to take a chat have no event of their own. */
    public function compareOwner(object $chat): void
    {
        $known = $this->foyer->chats()->find((int) $chat->id);
        if ($known !== null && (int) $chat->status === self::ACTIVE && (int) $chat->user_id > 0 && (int) $chat->user_id !== $known['owner']) {
            $this->assign(['chat' => $chat], '');
        }
    }

    public function transferred(array $params): void
    {
        $this->note($params, 'The chat is being transferred in the helpdesk.');
    }

    public function transferAccepted(array $params): void
    {
        $this->assign($params, '');
    }

    /** `user` is who did it, or whom it was given to; also comes when only the department has changed. */
    public function ownerChanged(array $params): void
    {
        $chat = FoyerChatEvents::chat($params);
        $user = $params['user'] ?? null;
        $isOwner = $chat !== null && is_object($user) && (int) ($user->id ?? 0) === (int) $chat->user_id;
        $this->assign($params, $isOwner ? 'Live Helper Chat' : self::nameOf($user));
    }

    public function visitorLeft(array $params): void
    {
        $this->note($params, 'The visitor has closed the chat window; the chat stays open.');
    }

    /** A visitor's contact gets its new name; a chat's own contact keeps the one it has. */
    public function nickChanged(array $params): void
    {
        $chat = FoyerChatEvents::chat($params);
        $nick = $chat === null ? null : (FoyerDescribe::chatVisitor($chat)['nick'] ?? null);
        if ($nick !== null && !$this->rename($chat, $nick)) {
            $this->tell($params, 'rename', ['nick' => $nick]);
        }
    }

    /** An operator has edited the chat, or its page has stored something with it: the name may have changed. */
    public function modified(array $params): void
    {
        $chat = FoyerChatEvents::chat($params);
        $nick = $chat === null ? null : (FoyerDescribe::chatVisitor($chat)['nick'] ?? null);
        if ($nick !== null && $this->foyer->chats()->find((int) $chat->id) !== null) {
            $this->rename($chat, $nick);
        }
    }

    public function closedByVisitor(array $params): void
    {
        $this->close($params, 'visitor');
    }

    public function closed(array $params): void
    {
        $this->close($params, 'helpdesk');
    }

    public function deleted(array $params): void
    {
        $this->close($params, 'helpdesk', true);
    }

    private function close(array $params, string $by, bool $deleted = false): void
    {
        $chat = FoyerChatEvents::chat($params);
        if ($chat !== null && ($deleted || (int) $chat->status === self::CLOSED)) {
            (new FoyerGroupEvents($this->foyer))->chatEnded((int) $chat->id);
        }
        $known = $chat === null ? null : $this->foyer->chats()->find((int) $chat->id);
        if ($known === null || (FoyerLoop::active() && !$deleted)) {
            return;
        }
        $this->foyer->tell($known['lane'], 'close', ['chat_id' => (int) $chat->id, 'by' => $by, 'deleted' => $deleted]);
    }

    /** @return bool whether the visitor has a contact beyond this chat */
    private function rename(object $chat, string $nick): bool
    {
        $visitorId = (int) $chat->online_user_id;
        if ($visitorId > 0) {
            $payload = ['external_id' => (string) $visitorId, 'body' => ['nick' => $nick]];
            $this->foyer->tell(FoyerChatMap::visitorLane($visitorId), 'name', $payload);
        }
        return $visitorId > 0;
    }

    /** For the operators who have the chat in their XMPP clients. */
    private function note(array $params, string $text): void
    {
        $this->tell($params, 'note', ['text' => $text]);
    }

    /** @param string $by who gave it to somebody else; empty: who has it took it */
    private function assign(array $params, string $by): void
    {
        $this->tell($params, 'assign', ['by' => $by]);
    }

    private function tell(array $params, string $kind, array $payload): void
    {
        $chat = FoyerChatEvents::chat($params);
        $known = $chat === null ? null : $this->foyer->chats()->find((int) $chat->id);
        if ($known !== null && !FoyerLoop::active() && (int) $chat->status !== self::CLOSED) {
            $this->foyer->tell($known['lane'], $kind, ['chat_id' => (int) $chat->id] + $payload);
            if ($kind === 'assign' || $kind === 'release') {
                $this->foyer->chats()->owner((int) $chat->id, $kind === 'assign' ? (int) $chat->user_id : 0);
            }
        }
    }

    /** @param mixed $user erLhcoreClassModelUser, erLhcoreClassUser, false or null */
    private static function nameOf(mixed $user): string
    {
        if (is_object($user) && method_exists($user, 'getUserData')) {
            $user = $user->getUserData();
        }
        $name = is_object($user) ? FoyerDescribe::line((string) $user->name_support, 100) : '';
        return $name === '' ? 'Somebody' : $name;
    }
}
