<?php

declare(strict_types=1);

/** Chats and their words: from an outbox entry to the bridge's calls. */
final class FoyerChatCalls
{
    private const AT_ONCE = 50;
    private const ACTIVE_CHAT = 1;
    private const BOT_CHAT = 5;

    /** @param string $key of the entry: the same over all tries */
    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge, private readonly string $key)
    {
    }

    /**
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function send(string $kind, array $payload): void
    {
        match ($kind) {
            'words' => $this->words((int) $payload['chat_id'], $payload['begin'] ?? false),
            'message' => $this->message($payload),
            'note' => $this->note($payload),
            'close' => $this->close($payload),
            'delivered', 'seen' => $this->mark($kind, $payload),
            'edit' => $this->edit($payload),
            'delete' => $this->delete($payload),
        };
    }

    /** All that the visitor has said and the bridge doesn't know yet; a chat may also begin without words. */
    private function words(int $chatId, bool $begin): void
    {
        while (($messages = $this->foyer->chats()->untold($chatId, self::AT_ONCE)) !== []) {
            foreach ($messages as $message) {
                $text = FoyerText::ofMessage($message);
                $payload = ['chat_id' => $chatId, 'sender' => 'visitor', 'text' => $text, 'message_id' => (string) (int) $message->id];
                if ($text === '' || !$this->say($payload)) {
                    $this->foyer->chats()->rememberMessage((int) $message->id, $this->openChat($chatId), 0);
                }
            }
        }
        if ($begin && $this->openChat($chatId) === 0) {
            $this->begin(['chat_id' => $chatId]);
        }
    }

    /** What is refused for good doesn't hold up what was said after it: it becomes an entry of its own, which a person can send again. */
    private function say(array $payload): bool
    {
        try {
            $this->message($payload);
            return $this->foyer->chats()->numberOf((int) $payload['message_id']) !== null;
        } catch (FoyerRefused $refused) {
            if ($refused->answer->passes()) {
                throw $refused;
            }
            $outbox = $this->foyer->outbox();
            $outbox->bury($outbox->add($this->foyer->chats()->find((int) $payload['chat_id'])['lane'], 'message', $payload), $refused->answer->reason());
            return false;
        }
    }

    private function message(array $payload): void
    {
        $chatId = (int) $payload['chat_id'];
        $foyerId = $this->openChat($chatId);
        if ($foyerId === 0) {
            if ($payload['sender'] === 'visitor') {
                $this->begin($payload);
                return;
            }
            // An operator or a bot speaks in a chat that the bridge doesn't have any more: by itself that opens none there.
            if ($this->foyer->chats()->find($chatId)['foyer_id'] > 0) {
                return;
            }
            $foyerId = $this->begin(['chat_id' => $chatId]);
        }
        if ($foyerId === 0) {
            return;
        }
        try {
            $this->post($foyerId, $payload);
        } catch (FoyerRefused $refused) {
            if (!in_array($refused->answer->code(), ['chat_closed', 'not_found'], true)) {
                throw $refused;
            }
            $this->foyer->chats()->ended($chatId);
            if ($payload['sender'] === 'visitor') {
                $this->begin($payload);
            }
        }
    }

    /** @return int the bridge's number of the chat; 0 when there is nothing to begin here any more */
    private function begin(array $payload): int
    {
        $chatId = (int) $payload['chat_id'];
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT * FROM `lh_chat` WHERE `id` = :id', ['id' => $chatId]);
        if ($row === null || (int) $row['status'] === self::BOT_CHAT) {
            return 0;
        }
        $department = (int) $row['dep_id'];
        $body = ['desk' => FoyerDescribe::desk($department), 'visitor' => (object) FoyerDescribe::chatVisitor((object) $row)];
        $key = $this->key;
        if (isset($payload['text'])) {
            $body += ['text' => $payload['text'], 'message_id' => $payload['message_id']];
            // One entry may begin two chats, when the first was closed while its words were on their way.
            $key .= "-$payload[message_id]";
        }
        $work = fn (): FoyerAnswer => $this->call('POST', '/chats', $body, $key);
        $answer = (new FoyerDepartments($this->foyer, $this->bridge))->withDesk($department, $work);
        $foyerId = (int) $answer->body['chat']['id'];
        $this->foyer->chats()->bind($chatId, $foyerId);
        if ((int) $row['status'] === self::ACTIVE_CHAT && (int) $row['user_id'] > 0) {
            // Somebody here has it since before the bridge heard of it.
            $this->foyer->outbox()->add($this->foyer->chats()->find($chatId)['lane'], 'assign', ['chat_id' => $chatId, 'by' => '']);
            $this->foyer->chats()->owner($chatId, (int) $row['user_id']);
        }
        if (is_array($answer->body['message'] ?? null)) {
            $this->foyer->chats()->rememberMessage((int) $payload['message_id'], $foyerId, (int) $answer->body['message']['number']);
        }
        return $foyerId;
    }

    private function post(int $foyerId, array $payload): void
    {
        $body = ['sender' => $payload['sender'], 'text' => $payload['text'], 'message_id' => $payload['message_id']];
        if ($payload['sender'] === 'operator') {
            $operator = (int) ($this->foyer->operators()->find((int) ($payload['user_id'] ?? 0))['foyer_id'] ?? 0);
            $body += $operator > 0 ? ['operator_id' => $operator] : ['author' => $payload['author']];
        }
        $path = "/chats/$foyerId/messages";
        $answer = $this->bridge->call('POST', $path, $body);
        if (isset($body['operator_id']) && $answer->code() === 'not_found') {
            // Disabled at the bridge, maybe: the words count, under their author's name.
            unset($body['operator_id']);
            $answer = $this->bridge->call('POST', $path, $body + ['author' => $payload['author']]);
        }
        if (!$answer->ok()) {
            throw new FoyerRefused($answer);
        }
        $this->foyer->chats()->rememberMessage((int) $payload['message_id'], $foyerId, (int) ($answer->body['message']['number'] ?? 0));
    }

    private function note(array $payload): void
    {
        $foyerId = (int) ($payload['foyer_id'] ?? $this->openChat((int) $payload['chat_id']));
        if ($foyerId === 0) {
            return;
        }
        $body = ['sender' => 'system', 'text' => $payload['text'], 'message_id' => "note-$this->key"];
        $answer = $this->bridge->call('POST', "/chats/$foyerId/messages", $body);
        if (!$answer->ok() && !in_array($answer->code(), ['chat_closed', 'not_found'], true)) {
            throw new FoyerRefused($answer);
        }
    }

    private function close(array $payload): void
    {
        $chatId = (int) $payload['chat_id'];
        $chats = $this->foyer->chats();
        $foyerId = $this->openChat($chatId);
        if ($foyerId > 0) {
            // When the visitor has begun another chat here, the bridge goes on with it in the same one.
            if (($chats->byFoyer($foyerId)['chat_id'] ?? $chatId) === $chatId) {
                $this->call('POST', "/chats/$foyerId/close", ['by' => $payload['by']], null, [404]);
            }
            $chats->ended($chatId);
        }
        if (!empty($payload['deleted'])) {
            $chats->forget($chatId);
        }
    }

    private function mark(string $how, array $payload): void
    {
        $foyerId = $this->openChat((int) $payload['chat_id']);
        $number = $foyerId === 0 ? 0 : $this->foyer->chats()->lastNumber($foyerId, (int) $payload['up_to']);
        if ($number > 0) {
            $this->call('POST', "/chats/$foyerId/$how", ['number' => $number], null, [404]);
        }
    }

    /** Words that the bridge hasn't got yet go over as they are then. */
    private function edit(array $payload): void
    {
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT * FROM `lh_msg` WHERE `id` = :id', ['id' => (int) $payload['message']]);
        $text = $row === null ? '' : FoyerText::ofMessage((object) $row);
        $path = $this->pathOf((int) $payload['message']);
        if ($path !== null && $text !== '') {
            // 409: it is deleted there.
            $this->call('PATCH', $path, ['text' => $text], null, [404, 409]);
        }
    }

    private function delete(array $payload): void
    {
        $path = $this->pathOf((int) $payload['message']);
        if ($path !== null) {
            $this->call('DELETE', $path, null, null, [404]);
        }
    }

    private function pathOf(int $messageId): ?string
    {
        $told = $this->foyer->chats()->told($messageId);
        return $told === null ? null : "/chats/$told[foyer_id]/messages/$told[number]";
    }

    /** @return int 0 when the bridge has none open */
    private function openChat(int $chatId): int
    {
        $known = $this->foyer->chats()->find($chatId);
        return $known !== null && $known['open'] ? $known['foyer_id'] : 0;
    }

    /** @param list<int> $fine statuses that count as done besides 2xx */
    private function call(string $method, string $path, ?array $body, ?string $key = null, array $fine = []): FoyerAnswer
    {
        $answer = $this->bridge->call($method, $path, $body, $key);
        if (!$answer->ok() && !in_array($answer->status, $fine, true)) {
            throw new FoyerRefused($answer);
        }
        return $answer;
    }
}
