<?php

declare(strict_types=1);

namespace LiveHelperChat\Models\Departments;

/** Aliases of operators by department: nobody has one here. */
final class UserDepAlias
{
    public static function getAlias(array $params): void
    {
    }
}
