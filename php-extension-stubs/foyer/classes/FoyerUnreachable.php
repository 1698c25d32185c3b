<?php

declare(strict_types=1);

/** The bridge gave no answer. */
final class FoyerUnreachable extends RuntimeException
{
}
