<?php

declare(strict_types=1);

/** A password on its way to the bridge waits in the outbox: not as plain text. */
final class FoyerSeal
{
    private const CIPHER = 'aes-256-gcm';
    private const NONCE = 12;
    private const TAG = 16;

    public static function close(string $text, string $key): string
    {
        $nonce = random_bytes(self::NONCE);
        $tag = '';
        $sealed = openssl_encrypt($text, self::CIPHER, $key, OPENSSL_RAW_DATA, $nonce, $tag, '', self::TAG);
        return base64_encode($nonce . $tag . $sealed);
    }

    /** Null when the key has changed since. */
    public static function open(string $sealed, string $key): ?string
    {
        $raw = (string) base64_decode($sealed, true);
        $nonce = substr($raw, 0, self::NONCE);
        $tag = substr($raw, self::NONCE, self::TAG);
        $text = strlen($tag) === self::TAG
            ? openssl_decrypt(substr($raw, self::NONCE + self::TAG), self::CIPHER, $key, OPENSSL_RAW_DATA, $nonce, $tag)
            : false;
        return $text === false ? null : $text;
    }
}
