<?php

declare(strict_types=1);

/**
 * Standard Webhooks 1.0.0: `v1,<base64 of HMAC-SHA256 over "id.timestamp.body">`, over the raw bytes of the body as they came.
 */
final class FoyerSignature
{
    /** Clocks may differ by so many seconds, both ways. */
    public const TOLERANCE = 300;

    /**
     * @param list<string> $secrets `whsec_…`; the newest first
     * @return array<string, string> the three headers
     */
    public static function headers(array $secrets, string $id, int $timestamp, string $body): array
    {
        $signatures = array_map(static fn (string $secret): string => self::sign($secret, $id, $timestamp, $body), $secrets);
        return [
            'webhook-id' => $id,
            'webhook-timestamp' => (string) $timestamp,
            'webhook-signature' => implode(' ', $signatures),
        ];
    }

    /** @throws InvalidArgumentException when the secret isn't `whsec_` and base64 of 24 to 64 bytes */
    public static function sign(string $secret, string $id, int $timestamp, string $body): string
    {
        return 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", self::key($secret), true));
    }

    /**
     * Null when one of the signatures was made with one of the secrets and the time is right; else what is wrong: `missing`, `malformed`,
     * `too_old`, `too_new` or `mismatch`.
     *
     * @param list<string> $secrets
     */
    public static function check(array $secrets, string $id, string $timestamp, string $signatures, string $body, int $now): ?string
    {
        if ($id === '' || $timestamp === '' || $signatures === '') {
            return 'missing';
        }
        if (!preg_match('/^[0-9]{1,12}\z/', $timestamp)) {
            return 'malformed';
        }
        $age = $now - (int) $timestamp;
        if ($age > self::TOLERANCE) {
            return 'too_old';
        }
        if ($age < -self::TOLERANCE) {
            return 'too_new';
        }
        $matches = false;
        foreach ($secrets as $secret) {
            $expected = self::sign($secret, $id, (int) $timestamp, $body);
            foreach (explode(' ', $signatures) as $given) {
                $matches = hash_equals($expected, $given) || $matches;
            }
        }
        return $matches ? null : 'mismatch';
    }

    private static function key(string $secret): string
    {
        $key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6), true) : false;
        if ($key === false || strlen($key) < 24 || strlen($key) > 64) {
            throw new InvalidArgumentException('A secret must be whsec_ and base64 of 24 to 64 bytes');
        }
        return $key;
    }
}
