<?php

declare(strict_types=1);

/** Words: what visitors, operators in the web interface, bots and auto responders say. Each is written down in the transaction that stores it. */
final class FoyerChatEvents
{
    private const BOT_CHAT = 5;
    private const HISTORY = 100;

    /** Messages whose entry was written in their own transaction. */
    private static ?WeakMap $told = null;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    public function started(array $params): void
    {
        $chat = self::chat($params);
        if ($chat !== null && (int) $chat->status !== self::BOT_CHAT) {
            $this->foyer->tell($this->lane($chat), 'words', ['chat_id' => (int) $chat->id, 'begin' => true]);
        }
    }

    /**
     * Comes in the transaction that stores the message, and only this does for every way in: the widget tells of the message itself after the commit, when
     * its process may have been killed. What the message says is read when the bridge is told.
     */
    public function visitorWrites(array $params): void
    {
        $chat = self::chat($params);
        $message = $params['msg'] ?? null;
        if ($chat !== null && is_object($message) && (int) ($message->user_id ?? 0) === 0 && $this->tellWords($chat)) {
            self::$told ??= new WeakMap();
            self::$told[$message] = $this->foyer->db()->inTransaction();
        }
    }

    public function visitorMessage(array $params): void
    {
        $chat = self::chat($params);
        $message = self::message($params, $chat);
        if ($chat === null || $message === null || (int) $message->user_id !== 0) {
            return;
        }
        if (self::$told[$message] ?? false) {
            FoyerAfterAnswer::wake($this->foyer, $this->lane($chat));
        } else {
            $this->tellWords($chat);
        }
    }

    /** Everything that isn't the visitor's: operators by web or REST, whispers, bots, auto responders. */
    public function operatorMessage(array $params): void
    {
        $chat = self::chat($params);
        $message = self::message($params, $chat);
        if ($chat === null || $message === null || FoyerLoop::active() || (int) $chat->status === self::BOT_CHAT) {
            return;
        }
        // Whoever writes into a pending chat has it; there is no `chat.accept` then.
        (new FoyerChatStateEvents($this->foyer))->compareOwner($chat);
        $payload = $this->fromOperator($message);
        if ($payload !== null) {
            $this->foyer->tell($this->lane($chat), 'message', ['chat_id' => (int) $chat->id] + $payload);
        }
    }

    /** People haven't heard of a bot's chat so far: they get what was said. */
    public function botHandedOver(array $params): void
    {
        $chat = self::chat($params);
        if ($chat === null || FoyerLoop::active()) {
            return;
        }
        $lane = $this->lane($chat);
        $this->foyer->tell($lane, 'words', ['chat_id' => (int) $chat->id, 'begin' => true]);
        $rows = FoyerDatabase::rows(
            $this->foyer->db(),
            'SELECT * FROM (SELECT `id`, `msg`, `meta_msg`, `user_id`, `name_support` FROM `lh_msg` WHERE `chat_id` = :chat AND `user_id` <> -1
             ORDER BY `id` DESC LIMIT ' . self::HISTORY . ') AS `said` ORDER BY `id`',
            ['chat' => (int) $chat->id],
        );
        foreach ($rows as $row) {
            $message = (object) $row;
            $payload = (int) $message->user_id === 0 ? ['sender' => 'visitor'] + self::words($message) : $this->fromOperator($message);
            if (isset($payload['text'])) {
                $this->foyer->tell($lane, 'message', ['chat_id' => (int) $chat->id] + $payload);
            }
        }
        $this->foyer->chats()->raiseFloor((int) $chat->id, (int) (end($rows)['id'] ?? 0));
    }

    public function deliveredToVisitor(array $params): void
    {
        $this->mark($params, 'delivered');
    }

    public function readByVisitor(array $params): void
    {
        $this->mark($params, 'seen');
    }

    private function mark(array $params, string $how): void
    {
        $chat = self::chat($params);
        $known = $chat === null ? null : $this->foyer->chats()->find((int) $chat->id);
        if ($known !== null && $known['foyer_id'] > 0) {
            $this->foyer->tell($known['lane'], $how, ['chat_id' => (int) $chat->id, 'up_to' => (int) $chat->last_msg_id]);
        }
    }

    /** Also comes when anything else of the row has changed: what it says then is what the bridge has, and does nothing there. */
    public function messageEdited(array $params): void
    {
        $this->change($params, 'edit');
    }

    public function messageRemoved(array $params): void
    {
        $this->change($params, 'delete');
    }

    private function change(array $params, string $how): void
    {
        $chat = self::chat($params);
        $message = self::message($params, $chat);
        $known = $chat === null || $message === null ? null : $this->foyer->chats()->find((int) $chat->id);
        if ($known !== null && !FoyerLoop::active()) {
            $this->foyer->tell($known['lane'], $how, ['chat_id' => (int) $chat->id, 'message' => (int) $message->id]);
        }
    }

    /** Parameters may lack a usable chat: `false` and null occur. */
    public static function chat(array $params): ?object
    {
        $chat = $params['chat'] ?? null;
        return is_object($chat) && (int) ($chat->id ?? 0) > 0 ? $chat : null;
    }

    private function tellWords(object $chat): bool
    {
        if ((int) $chat->status === self::BOT_CHAT) {
            return false;
        }
        $this->foyer->tell($this->lane($chat), 'words', ['chat_id' => (int) $chat->id]);
        return true;
    }

    /** Of a chat from before the connection only what is said from now on is told. */
    private function lane(object $chat): string
    {
        $chatId = (int) $chat->id;
        $known = $this->foyer->chats()->find($chatId);
        if ($known !== null) {
            return $known['lane'];
        }
        $floor = 0;
        if ((int) $chat->time < $this->foyer->settings()->connectedAt) {
            $sql = 'SELECT MAX(`id`) AS `id` FROM `lh_msg` WHERE `chat_id` = :id AND `time` < :since';
            $values = ['id' => $chatId, 'since' => $this->foyer->settings()->connectedAt];
            $floor = (int) (FoyerDatabase::row($this->foyer->db(), $sql, $values)['id'] ?? 0);
        }
        return $this->foyer->chats()->lane($chatId, (int) $chat->online_user_id, $floor);
    }

    private static function message(array $params, ?object $chat): ?object
    {
        $message = $params['msg'] ?? null;
        $usable = is_object($message) && (int) ($message->id ?? 0) > 0;
        return $usable && $chat !== null ? $message : null;
    }

    private static function meta(object $message): array
    {
        return (array) json_decode((string) ($message->meta_msg ?? ''), true);
    }

    /** @return array{}|array{text: string, message_id: string} */
    private static function words(object $message): array
    {
        $text = FoyerText::ofMessage($message);
        return $text === '' ? [] : ['text' => $text, 'message_id' => (string) (int) $message->id];
    }

    private function fromOperator(object $message): ?array
    {
        $words = self::words($message);
        $userId = (int) $message->user_id;
        // -1 are notes of Live Helper Chat to operators in its pages: who took, closed, transferred a chat.
        if ($words === [] || $userId === -1 || $userId === 0) {
            return null;
        }
        $name = FoyerDescribe::line((string) $message->name_support, 100);
        if (!empty(self::meta($message)['content']['whisper'])) {
            return ['sender' => 'system', 'text' => ($name === '' ? 'Helpdesk' : $name) . ' (not to the visitor): ' . $words['text']] + $words;
        }
        return ['sender' => 'operator', 'user_id' => max(0, $userId), 'author' => $name === '' ? 'Helpdesk' : $name] + $words;
    }
}
