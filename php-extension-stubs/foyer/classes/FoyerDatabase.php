<?php

declare(strict_types=1);

/** Small helpers on Live Helper Chat's own connection: what is written in its transaction is committed and undone with it. */
final class FoyerDatabase
{
    /** @param array<string, scalar|null> $values */
    public static function run(PDO $db, string $sql, array $values = []): PDOStatement
    {
        $statement = $db->prepare($sql);
        foreach ($values as $name => $value) {
            $type = is_int($value) ? PDO::PARAM_INT : (is_bool($value) ? PDO::PARAM_BOOL : PDO::PARAM_STR);
            $statement->bindValue(":$name", $value, $value === null ? PDO::PARAM_NULL : $type);
        }
        $statement->execute();
        return $statement;
    }

    /**
     * @param array<string, scalar|null> $values
     * @return array<string, mixed>|null
     */
    public static function row(PDO $db, string $sql, array $values = []): ?array
    {
        $row = self::run($db, $sql, $values)->fetch(PDO::FETCH_ASSOC);
        return is_array($row) ? $row : null;
    }

    /**
     * @param array<string, scalar|null> $values
     * @return list<array<string, mixed>>
     */
    public static function rows(PDO $db, string $sql, array $values = []): array
    {
        return self::run($db, $sql, $values)->fetchAll(PDO::FETCH_ASSOC);
    }

    /** The server has undone the whole transaction. */
    public static function isDeadlock(\Throwable $fault): bool
    {
        return self::failedWith($fault, [1213]);
    }

    /** A deadlock, or a lock that was not to be had in time: the same work may go through when tried again. */
    public static function isContention(\Throwable $fault): bool
    {
        return self::failedWith($fault, [1213, 1205]);
    }

    /** @param list<int> $codes of the server */
    private static function failedWith(\Throwable $fault, array $codes): bool
    {
        for ($one = $fault; $one !== null; $one = $one->getPrevious()) {
            if ($one instanceof PDOException && in_array((int) ($one->errorInfo[1] ?? 0), $codes, true)) {
                return true;
            }
            // Live Helper Chat's persistent objects wrap the exception in one that has its text only.
            if (preg_match('/: (' . implode('|', $codes) . ') /', $one->getMessage())) {
                return true;
            }
        }
        return false;
    }
}
