<?php

declare(strict_types=1);

/** Sets the connection up and tries it, both ways. */
final class FoyerConnection
{
    private const CONNECT_SECONDS = 3.0;
    private const SECONDS = 15.0;
    private const SECRET_BYTES = 32;

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** Null when this can be the address of a bridge. */
    public static function faultOf(string $url): ?string
    {
        $parts = parse_url($url);
        if ($parts === false || !in_array($parts['scheme'] ?? '', ['http', 'https'], true) || ($parts['host'] ?? '') === '') {
            return 'The address must begin with https:// or http://';
        }
        return isset($parts['user']) || isset($parts['query']) || isset($parts['fragment']) ? 'The address must not hold a user name, a query or a fragment' : null;
    }

    /**
     * Keeps address and key, has the bridge call back here, and makes what Live Helper Chat's departments need there.
     *
     * @param bool $newSecret the one before is taken too until the next time
     * @return list<array{what: string, ok: bool, text: string}>
     */
    public function connect(string $url, string $key, string $callbackUrl, bool $newSecret = false): array
    {
        $settings = $this->foyer->settings();
        $secrets = array_slice($settings->secrets, 0, 1);
        $fresh = $secrets === [] || $newSecret;
        if ($fresh) {
            array_unshift($secrets, 'whsec_' . base64_encode(random_bytes(self::SECRET_BYTES)));
        }
        $since = $settings->connected() ? $settings->connectedAt : time();
        $changes = ['bridge_url' => $url, 'api_key' => $key, 'secrets' => $secrets, 'callback_url' => $callbackUrl, 'connected_at' => $since];
        $settings->save($changes);
        $bridge = $this->bridge();
        $steps = [$this->step('The bridge answers and takes the key', static fn (): FoyerAnswer => $bridge->call('GET', '/desks'))];
        if (!$steps[0]['ok']) {
            return $steps;
        }
        $body = ['url' => $callbackUrl, 'secret' => $secrets[0], 'rotate' => count($secrets) > 1];
        $steps[] = $this->step('The bridge calls back here', static fn (): FoyerAnswer => $bridge->call('PUT', '/instance/callback', $body));
        foreach (FoyerDatabase::rows($this->foyer->db(), 'SELECT `id` FROM `lh_departament` WHERE `disabled` = 0 ORDER BY `id` LIMIT 100') as $row) {
            $this->foyer->tell(FoyerOutbox::OPERATORS, 'department', ['department' => (int) $row['id']]);
        }
        return $steps;
    }

    /**
     * The round trip: from here to the bridge and, signed, back to here.
     *
     * @return list<array{what: string, ok: bool, text: string}>
     */
    public function test(): array
    {
        $bridge = $this->bridge();
        $steps = [$this->step('The bridge answers and takes the key', static fn (): FoyerAnswer => $bridge->call('GET', '/desks'))];
        if (!$steps[0]['ok']) {
            return $steps;
        }
        $steps[] = $this->step('The bridge’s signed callback arrives here', static function () use ($bridge): FoyerAnswer {
            $answer = $bridge->call('POST', '/instance/callback/test', []);
            if ($answer->ok() && ($answer->body['delivered'] ?? false) !== true) {
                throw new RuntimeException('not delivered: ' . ($answer->body['reason'] ?? ''));
            }
            return $answer;
        });
        return $steps;
    }

    /** Nobody is called back any more, and nothing is written down for the bridge. */
    public function disconnect(): void
    {
        $bridge = $this->bridge();
        $this->step('', static fn (): FoyerAnswer => $bridge->call('DELETE', '/instance/callback'));
        $this->foyer->settings()->save(['bridge_url' => '', 'api_key' => '', 'secrets' => [], 'callback_url' => '']);
    }

    private function bridge(): FoyerBridge
    {
        return $this->foyer->bridge(self::CONNECT_SECONDS, self::SECONDS);
    }

    /**
     * @param callable(): FoyerAnswer $work
     * @return array{what: string, ok: bool, text: string}
     */
    private function step(string $what, callable $work): array
    {
        $started = microtime(true);
        try {
            $answer = $work();
            $text = $answer->ok() ? round((microtime(true) - $started) * 1000) . ' ms' : $answer->reason();
            return ['what' => $what, 'ok' => $answer->ok(), 'text' => $text];
        } catch (\Throwable $fault) {
            return ['what' => $what, 'ok' => false, 'text' => $fault->getMessage()];
        }
    }
}
