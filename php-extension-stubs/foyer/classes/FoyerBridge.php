<?php

declare(strict_types=1);

/** The bridge's API for helpdesks. Answers of any status come back; no answer throws. */
final class FoyerBridge
{
    private const MOST_BYTES = 4_000_000;

    private ?CurlHandle $curl = null;

    public function __construct(
        private readonly string $url,
        private readonly string $key,
        private readonly float $connectSeconds,
        private readonly float $seconds,
    ) {
    }

    /**
     * @param array<string, mixed>|null $body
     * @throws FoyerUnreachable
     */
    public function call(string $method, string $path, ?array $body = null, ?string $idempotencyKey = null): FoyerAnswer
    {
        $headers = ['Authorization: Bearer ' . $this->key, 'Accept: application/json', 'Expect:'];
        if ($idempotencyKey !== null) {
            $headers[] = "Idempotency-Key: $idempotencyKey";
        }
        $text = null;
        if ($body !== null) {
            $headers[] = 'Content-Type: application/json';
            $text = json_encode((object) $body, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR);
        }
        $this->curl ??= curl_init();
        $curl = $this->curl;
        $retryAfter = null;
        $received = '';
        curl_reset($curl);
        curl_setopt_array($curl, [
            CURLOPT_URL => $this->url . '/api/v1' . $path,
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_NOSIGNAL => true,
            CURLOPT_CONNECTTIMEOUT_MS => (int) ($this->connectSeconds * 1000),
            CURLOPT_TIMEOUT_MS => (int) ($this->seconds * 1000),
            CURLOPT_USERAGENT => 'Foyer for Live Helper Chat',
            CURLOPT_HEADERFUNCTION => static function (CurlHandle $curl, string $line) use (&$retryAfter): int {
                if (preg_match('/^retry-after:\s*(\d{1,6})\s*$/i', $line, $match)) {
                    $retryAfter = min(3600, (int) $match[1]);
                }
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => static function (CurlHandle $curl, string $part) use (&$received): int {
                $received .= $part;
                return strlen($received) > self::MOST_BYTES ? 0 : strlen($part);
            },
        ]);
        if ($text !== null) {
            curl_setopt($curl, CURLOPT_POSTFIELDS, $text);
        }
        if (curl_exec($curl) === false) {
            $what = curl_error($curl);
            $this->curl = null;
            throw new FoyerUnreachable($what === '' ? 'no answer' : $what);
        }
        $json = json_decode($received, true);
        return new FoyerAnswer((int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE), is_array($json) ? $json : [], $retryAfter);
    }
}
