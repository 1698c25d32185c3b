<?php

declare(strict_types=1);

/**
 * Brings what a request wrote down to the bridge once the page has its answer. Where PHP can't send an answer before the script ends (mod_php, the
 * built-in server), another request of this Live Helper Chat does it, which nobody waits for.
 */
final class FoyerAfterAnswer
{
    private const CONNECT_SECONDS = 0.5;
    private const KICK_SECONDS = 0.2;
    private const KICK = 'kick';

    /** @var array<string, true> */
    private static array $lanes = [];
    private static bool $registered = false;

    public static function wake(Foyer $foyer, string $lane): void
    {
        self::$lanes[$lane] = true;
        if (!self::$registered && PHP_SAPI !== 'cli') {
            self::$registered = true;
            // A function registered now would run before those that Live Helper Chat and others register later.
            register_shutdown_function(static fn () => register_shutdown_function(static fn () => self::run($foyer)));
        }
    }

    public static function run(Foyer $foyer): void
    {
        try {
            $lanes = array_map('strval', array_keys(self::$lanes));
            self::$lanes = [];
            if ($foyer->db()->inTransaction() || $foyer->outbox()->bridgeIsAway(time())) {
                return;
            }
            if (session_status() === PHP_SESSION_ACTIVE) {
                session_write_close();
            }
            if (function_exists('fastcgi_finish_request')) {
                fastcgi_finish_request();
            } elseif (function_exists('litespeed_finish_request')) {
                litespeed_finish_request();
            } else {
                self::kick($foyer->settings());
                return;
            }
            self::deliver($foyer, $lanes);
        } catch (\Throwable $fault) {
            FoyerLog::fault('after the answer', $fault);
        }
    }

    /** @param list<string> $lanes */
    public static function deliver(Foyer $foyer, array $lanes): int
    {
        $seconds = $foyer->settings()->seconds('after_answer_seconds');
        $bridge = $foyer->bridge(self::CONNECT_SECONDS, $seconds);
        return $foyer->delivery($bridge)->runInPlace($lanes, microtime(true) + $seconds);
    }

    /** Whether a request to deliver comes from this very installation. */
    public static function isKick(FoyerSettings $settings, string $id, string $timestamp, string $signature): bool
    {
        return $settings->secrets !== [] && FoyerSignature::check($settings->secrets, $id, $timestamp, $signature, self::KICK, time()) === null;
    }

    /** Writes the request and doesn't wait for what comes of it; the cron job does what it may have missed. */
    private static function kick(FoyerSettings $settings): void
    {
        $url = parse_url($settings->callbackUrl);
        if ($settings->secrets === [] || !isset($url['host'], $url['path'])) {
            return;
        }
        $secure = ($url['scheme'] ?? '') === 'https';
        $port = $url['port'] ?? ($secure ? 443 : 80);
        $socket = @stream_socket_client(($secure ? 'tls' : 'tcp') . "://$url[host]:$port", $code, $text, self::KICK_SECONDS);
        if ($socket === false) {
            return;
        }
        stream_set_timeout($socket, 0, (int) (self::KICK_SECONDS * 1_000_000));
        $headers = FoyerSignature::headers($settings->secrets, 'kick_' . bin2hex(random_bytes(8)), time(), self::KICK);
        $host = $url['host'] . (isset($url['port']) ? ":$url[port]" : '');
        $lines = ['POST ' . preg_replace('/callback$/', 'deliver', $url['path']) . ' HTTP/1.1', "Host: $host", 'Content-Length: 0', 'Connection: close'];
        foreach ($headers as $name => $value) {
            $lines[] = "$name: $value";
        }
        fwrite($socket, implode("\r\n", $lines) . "\r\n\r\n");
        fclose($socket);
    }
}
