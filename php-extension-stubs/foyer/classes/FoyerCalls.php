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
            'assign', 'release', 'rename', 'typing' => (new FoyerHandoverCalls($this->foyer, $this->bridge))->send($entry['kind'], $payload, $entry['ctime']),
            'words', 'message', 'note', 'close', 'delivered', 'seen', 'edit', 'delete' => (new FoyerChatCalls($this->foyer, $this->bridge, $this->key($entry['id'])))->send($entry['kind'], $payload),
            'group', 'group.message' => (new FoyerGroupCalls($this->foyer, $this->bridge))->send($entry['kind'], $payload),
            'operator.web' => $this->web($payload, $entry['ctime']),
            default => (new FoyerOperatorCalls($this->foyer, $this->bridge, $this->key($entry['id'])))->send($entry['kind'], $payload),
        };
    }

    private function presence(array $payload, int $since): void
    {
        if (time() - $since > self::PRESENCE_SECONDS) {
            return;
        }
        $path = self::visitorPath($payload) . '/presence';
        $departments = new FoyerDepartments($this->foyer, $this->bridge);
        $departments->withDesk((int) $payload['department'], fn (): FoyerAnswer => $this->call('PUT', $path, $payload['body']));
    }

    /** Holds for as long as the bridge believes it. */
    private function web(array $payload, int $since): void
    {
        $id = (int) ($this->foyer->operators()->find((int) $payload['user_id'])['foyer_id'] ?? 0);
        if ($id > 0 && time() - $since < FoyerPresence::WEB_SECONDS) {
            $body = ['online' => (bool) $payload['online'], 'seconds' => FoyerPresence::WEB_SECONDS];
            $this->call('PUT', "/operators/$id/web-presence", $body, null, [404]);
        }
    }

    private function name(array $payload): void
    {
        $shown = $this->call('GET', self::visitorPath($payload), null, null, [404]);
        // Who isn't on the site isn't called back to it by a new name: the next page view brings it.
        $visitor = $shown->body['visitor'] ?? [];
        if (($visitor['online'] ?? false) === true && ($visitor['nick'] ?? null) !== $payload['body']['nick']) {
            $this->call('PUT', self::visitorPath($payload) . '/presence', $payload['body']);
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
