<?php

declare(strict_types=1);

/** Words that came by the bridge: into the chat that the visitor has open, or else an invitation. */
final class FoyerIncoming
{
    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** @param array<string, mixed> $data */
    public function message(array $data): string
    {
        $message = $data['message'] ?? [];
        if (($message['origin'] ?? '') !== 'xmpp') {
            return 'own';
        }
        $user = $this->author($data);
        if ($user === null) {
            return 'gone:unknown_operator';
        }
        $foyerId = (int) ($data['chat']['id'] ?? 0);
        $text = FoyerText::fromOperator((string) ($message['text'] ?? ''));
        $chat = (new FoyerChatState($this->foyer))->lockChat($data);
        $name = (string) ($message['author_name'] ?? '');
        if ($chat !== null) {
            $refused = $this->refusal($chat, $user);
            if ($refused !== null) {
                return "refused:$refused";
            }
            $posting = new FoyerPosting($this->foyer);
            $stored = $posting->post($chat, $user, $text, $this->isSubstitute($user) ? $name : '');
            $this->foyer->chats()->rememberMessage((int) $stored->id, $foyerId, (int) $message['number']);
            return 'posted';
        }
        $visitorId = (string) ($data['visitor']['external_id'] ?? '');
        if (!ctype_digit($visitorId)) {
            return 'gone:unknown_chat';
        }
        return (new FoyerInvitation())->invite((int) $visitorId, $user, $text) ? 'invited' : 'gone:unknown_visitor';
    }

    /** @param array<string, mixed> $data */
    public function corrected(array $data): string
    {
        $message = $data['message'] ?? [];
        $id = $this->foyer->chats()->messageOf((int) ($data['chat']['id'] ?? 0), (int) ($message['number'] ?? 0));
        $chat = $id === null ? null : (new FoyerChatState($this->foyer))->lockChat($data);
        if ($chat === null || ($message['origin'] ?? '') !== 'xmpp') {
            return 'ignored';
        }
        $stored = erLhcoreClassModelmsg::fetch($id);
        if (!is_object($stored) || (int) $stored->chat_id !== (int) $chat->id) {
            return 'ignored';
        }
        $stored->msg = FoyerText::fromOperator((string) $message['text']);
        erLhcoreClassChat::getSession()->update($stored);
        // Open widgets and back offices load the row anew.
        $chat->operation .= "lhinst.updateMessageRow({$stored->id});\n";
        $chat->updateThis(['update' => ['operation']]);
        $params = ['msg' => &$stored, 'chat' => &$chat, 'reason' => 'content_edited'];
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.message_updated', $params);
        return 'corrected';
    }

    /** As chat/deletemsg does. @param array<string, mixed> $data */
    public function retracted(array $data): string
    {
        $id = $this->foyer->chats()->messageOf((int) ($data['chat']['id'] ?? 0), (int) ($data['message']['number'] ?? 0));
        $chat = $id === null ? null : (new FoyerChatState($this->foyer))->lockChat($data);
        $stored = $chat === null ? false : erLhcoreClassModelmsg::fetch($id);
        if (!is_object($stored) || (int) $stored->chat_id !== (int) $chat->id) {
            return 'ignored';
        }
        $stored->removeThis();
        $chat->operation .= "lhinst.updateMessageRow({$id});\n";
        $chat->updateThis(['update' => ['operation']]);
        erLhcoreClassChatEventDispatcher::getInstance()->dispatch('chat.msg_removed', ['msg' => $stored, 'chat' => $chat]);
        return 'retracted';
    }

    /** A note of the bridge: for the operators who read the chat in Live Helper Chat. */
    public function note(array $data): string
    {
        $message = $data['message'] ?? [];
        $chat = ($message['origin'] ?? '') === 'bridge' ? (new FoyerChatState($this->foyer))->lockChat($data) : null;
        if ($chat === null) {
            return 'own';
        }
        (new FoyerPosting($this->foyer))->note($chat, FoyerText::fromOperator((string) $message['text']));
        return 'noted';
    }

    /**
     * The user of Live Helper Chat who has the author's account; for an operator without one here the user that the settings name.
     *
     * @param array<string, mixed> $data
     */
    private function author(array $data): ?object
    {
        $operator = $data['message']['author'] ?? $data['operator'] ?? null;
        $account = $this->foyer->operators()->byRef(is_array($operator) ? $operator : null);
        $userId = $account === null ? $this->foyer->settings()->defaultUser : (int) $account['user_id'];
        $user = $userId > 0 ? erLhcoreClassModelUser::fetch($userId) : false;
        return is_object($user) ? $user : null;
    }

    private function isSubstitute(object $user): bool
    {
        return $this->foyer->operators()->find((int) $user->id) === null;
    }

    /** The bridge tells whoever wrote it; that somebody here has the chat it may not have heard yet. */
    private function refusal(object $chat, object $user): ?string
    {
        if (FoyerChatState::isOver($chat)) {
            return 'chat_closed';
        }
        $lane = $this->foyer->chats()->lane((int) $chat->id, (int) $chat->online_user_id);
        $anothers = (int) $chat->status === 1 && (int) $chat->user_id > 0 && (int) $chat->user_id !== (int) $user->id;
        return $anothers && $this->foyer->outbox()->waits($lane, 'assign') ? 'chat_taken' : null;
    }
}
