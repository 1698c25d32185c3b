<?php

declare(strict_types=1);

/** What this request does on behalf of the bridge. Others hear of it as of everything else; the bridge doesn't, it knows. */
final class FoyerLoop
{
    private static int $depth = 0;

    /** @template T @param callable(): T $work @return T */
    public static function during(callable $work): mixed
    {
        self::$depth += 1;
        try {
            return $work();
        } finally {
            self::$depth -= 1;
        }
    }

    public static function active(): bool
    {
        return self::$depth > 0;
    }
}
