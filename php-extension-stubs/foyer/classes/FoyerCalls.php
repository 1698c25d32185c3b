<?php

declare(strict_types=1);

/** From an outbox entry to the bridge's calls. Whatever was done before a crash is found done when it comes again. */
final class FoyerCalls
{
    /** A page view is worth nothing once the visitor would have been called gone. */
    private const PRESENCE_SECONDS = 300;

    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge)
    {
    }

    /**
     * @param array{id: int, kind: string, payload: array<string, mixed>, ctime: int} $entry
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function send(array $entry): void
    {
        $payload = $entry['payload'];
        match ($entry['kind']) {
            'presence' => $this->presence($payload, $entry['ctime']),
            'name' => $this->name($payload),
            'gone' => $this->call('DELETE', self::visitorPath($payload) . '/presence', null, null, [404]),
            'chat' => $this->start($entry['id'], $payload),
            'message' => $this->message($entry['id'], $payload),
            'note' => $this->note($entry['id'], $payload),
            'close' => $this->close($payload),
            'seen' => $this->seen($payload),
            default => (new FoyerOperatorCalls($this->foyer, $this->bridge, $this->key($entry['id'])))->send($entry['kind'], $payload),
        };
    }

    private function presence(array $payload, int $since): void
    {
        if (time() - $since > self::PRESENCE_SECONDS) {
            return;
        }
        $path = self::visitorPath($payload) . '/presence';
        $this->withDesk((int) $payload['department'], fn (): FoyerAnswer => $this->call('PUT', $path, $payload['body']));
    }

    private function name(array $payload): void
    {
        $shown = $this->call('GET', self::visitorPath($payload), null, null, [404]);
        // Who isn't on the site isn't called back to it by a new name: the next page view brings it.
        if (($shown->body['visitor']['online'] ?? false) === true) {
            $this->call('PUT', self::visitorPath($payload) . '/presence', $payload['body']);
        }
    }

    /** Begins the chat at the bridge, with its first words when there are any. */
    private function start(int $entryId, array $payload): int
    {
        $chatId = (int) $payload['chat_id'];
        $known = $this->foyer->chats()->find($chatId);
        if ($known !== null && $known['open'] && $known['foyer_id'] > 0) {
            // Begun already, by an earlier entry or by this one before a crash.
            if (isset($payload['text'])) {
                $this->message($entryId, ['sender' => 'visitor'] + $payload);
            }
            return $known['foyer_id'];
        }
        $body = ['desk' => FoyerDescribe::desk((int) $payload['department']), 'visitor' => (object) $payload['visitor']];
        if (isset($payload['text'])) {
            $body += ['text' => $payload['text'], 'message_id' => $payload['message_id']];
        }
        $key = $this->key($entryId);
        $answer = $this->withDesk((int) $payload['department'], fn (): FoyerAnswer => $this->call('POST', '/chats', $body, $key));
        $foyerId = (int) $answer->body['chat']['id'];
        $this->foyer->chats()->bind($chatId, $foyerId);
        if (is_array($answer->body['message'] ?? null)) {
            $this->foyer->chats()->rememberMessage((int) $payload['message_id'], $foyerId, (int) $answer->body['message']['number']);
        }
        return $foyerId;
    }

    private function message(int $entryId, array $payload): void
    {
        $known = $this->foyer->chats()->find((int) $payload['chat_id']);
        $foyerId = $known === null || !$known['open'] ? 0 : $known['foyer_id'];
        if ($foyerId === 0 && $payload['sender'] === 'visitor') {
            $this->start($entryId, $payload);
            return;
        }
        if ($foyerId === 0) {
            // An operator or a bot speaks in a chat that the bridge doesn't have (any more): by itself that opens none there.
            if ($known !== null && $known['foyer_id'] > 0) {
                return;
            }
            $foyerId = $this->start($entryId, array_diff_key($payload, ['text' => 1]));
        }
        try {
            $this->post($foyerId, $payload);
        } catch (FoyerRefused $refused) {
            if (!in_array($refused->answer->code(), ['chat_closed', 'not_found'], true)) {
                throw $refused;
            }
            $this->foyer->chats()->ended((int) $payload['chat_id']);
            if ($payload['sender'] === 'visitor') {
                $this->start($entryId, $payload);
            }
        }
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
        if (ctype_digit((string) $payload['message_id'])) {
            $number = (int) ($answer->body['message']['number'] ?? 0);
            $this->foyer->chats()->rememberMessage((int) $payload['message_id'], $foyerId, $number);
        }
    }

    private function note(int $entryId, array $payload): void
    {
        $known = $this->foyer->chats()->find((int) $payload['chat_id']);
        $foyerId = (int) ($payload['foyer_id'] ?? ($known !== null && $known['open'] ? $known['foyer_id'] : 0));
        if ($foyerId === 0) {
            return;
        }
        $body = ['sender' => 'system', 'text' => $payload['text'], 'message_id' => 'note-' . $this->key($entryId)];
        $answer = $this->bridge->call('POST', "/chats/$foyerId/messages", $body);
        if (!$answer->ok() && !in_array($answer->code(), ['chat_closed', 'not_found'], true)) {
            throw new FoyerRefused($answer);
        }
    }

    private function close(array $payload): void
    {
        $chatId = (int) $payload['chat_id'];
        $chats = $this->foyer->chats();
        $known = $chats->find($chatId);
        if ($known !== null && $known['open'] && $known['foyer_id'] > 0) {
            // When the visitor has begun another chat here, the bridge goes on with it in the same one.
            if (($chats->byFoyer($known['foyer_id'])['chat_id'] ?? $chatId) === $chatId) {
                $this->call('POST', "/chats/$known[foyer_id]/close", ['by' => $payload['by']], null, [404]);
            }
            $chats->ended($chatId);
        }
        if (!empty($payload['deleted'])) {
            $chats->forget($chatId);
        }
    }

    private function seen(array $payload): void
    {
        $known = $this->foyer->chats()->find((int) $payload['chat_id']);
        $number = $known === null ? 0 : $this->foyer->chats()->lastNumber($known['foyer_id'], (int) $payload['up_to']);
        if ($number > 0) {
            $this->call('POST', "/chats/$known[foyer_id]/seen", ['number' => $number], null, [404]);
        }
    }

    /** A desk that isn't there yet is made, once. */
    private function withDesk(int $department, callable $work): FoyerAnswer
    {
        try {
            return $work();
        } catch (FoyerRefused $refused) {
            if ($refused->answer->code() !== 'not_found' || $department <= 0) {
                throw $refused;
            }
            (new FoyerDepartments($this->foyer, $this->bridge))->ensure($department);
            return $work();
        }
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

    private function key(int $entryId): string
    {
        return 'lhc-' . $this->foyer->settings()->installId . "-$entryId";
    }

    private static function visitorPath(array $payload): string
    {
        return '/visitors/' . rawurlencode((string) $payload['external_id']);
    }
}
