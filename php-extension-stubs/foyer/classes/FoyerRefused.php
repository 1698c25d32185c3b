<?php

declare(strict_types=1);

/** The bridge answered, but not with yes. */
final class FoyerRefused extends RuntimeException
{
    public function __construct(public readonly FoyerAnswer $answer)
    {
        parent::__construct($answer->reason());
    }
}
