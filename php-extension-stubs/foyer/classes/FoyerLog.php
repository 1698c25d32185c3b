<?php

declare(strict_types=1);

/** One line in Live Helper Chat's own log (cache/default.log). Never holds what people wrote, and no secrets. */
final class FoyerLog
{
    public static function fault(string $what, \Throwable $fault): void
    {
        self::write(sprintf('%s: %s in %s:%d', $what, $fault->getMessage(), basename($fault->getFile()), $fault->getLine()));
    }

    public static function write(string $text): void
    {
        $line = 'foyer: ' . mb_substr((string) preg_replace('/[\x00-\x1f\x7f]+/', ' ', $text), 0, 500);
        try {
            erLhcoreClassLog::write($line);
        } catch (\Throwable) {
            error_log($line);
        }
    }
}
