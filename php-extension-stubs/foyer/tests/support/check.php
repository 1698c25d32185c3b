<?php

declare(strict_types=1);

/** Counts what holds and says what doesn't. */
final class Check
{
    public int $passed = 0;
    public int $failed = 0;

    public function same(string $what, mixed $wanted, mixed $got): void
    {
        if ($got === $wanted) {
            $this->passed += 1;
            return;
        }
        $this->failed += 1;
        $flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES;
        printf("%s: wanted %s, got %s\n", $what, json_encode($wanted, $flags), json_encode($got, $flags));
    }

    /** @param callable(): mixed $get an InvalidArgumentException counts as `refused` */
    public function gives(string $what, mixed $wanted, callable $get): void
    {
        try {
            $got = $get();
        } catch (InvalidArgumentException) {
            $got = 'refused';
        }
        $this->same($what, $wanted, $got);
    }

    public function broke(string $what, \Throwable $fault): void
    {
        $this->failed += 1;
        printf("%s: %s in %s:%d\n", $what, $fault->getMessage(), $fault->getFile(), $fault->getLine());
    }
}
