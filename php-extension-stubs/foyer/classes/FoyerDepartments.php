<?php

declare(strict_types=1);

/** Each department of Live Helper Chat has one at the bridge, with a desk through which its chats enter. */
final class FoyerDepartments
{
    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge)
    {
    }

    /**
     * @return int id at the bridge; 0 when Live Helper Chat has no such department
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function ensure(int $departmentId): int
    {
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT `name` FROM `lh_departament` WHERE `id` = :id', ['id' => $departmentId]);
        if ($row === null) {
            return 0;
        }
        $desk = FoyerDescribe::desk($departmentId);
        foreach ($this->ask('GET', '/desks')['desks'] as $known) {
            if ($known['key'] === $desk) {
                $this->remember($departmentId, (int) $known['department'], $desk);
                return (int) $known['department'];
            }
        }
        $name = FoyerDescribe::line((string) $row['name'], 90);
        $id = $this->department($name === '' ? $desk : $name);
        $this->ask('POST', '/desks', ['key' => $desk, 'name' => $name === '' ? $desk : $name, 'department' => $id]);
        $this->remember($departmentId, $id, $desk);
        $this->assignOperators();
        return $id;
    }

    /**
     * The bridge's departments that a user's departments stand for, made where they aren't there yet.
     *
     * @return list<int>
     */
    public function of(int $userId): array
    {
        $own = $this->foyer->operators()->departments($userId);
        if ($own === null) {
            $rows = FoyerDatabase::rows($this->foyer->db(), 'SELECT `id` FROM `lh_departament` WHERE `disabled` = 0 ORDER BY `id` LIMIT 100');
            $own = array_map(static fn (array $row): int => (int) $row['id'], $rows);
        }
        $known = [];
        foreach (FoyerDatabase::rows($this->foyer->db(), 'SELECT `dep_id`, `foyer_id` FROM `lhc_foyer_department`') as $row) {
            $known[(int) $row['dep_id']] = (int) $row['foyer_id'];
        }
        $ids = array_map(fn (int $id): int => $known[$id] ?? $this->ensure($id), array_slice($own, 0, 100));
        return array_values(array_unique(array_filter($ids)));
    }

    /**
     * A desk that isn't there yet is made, once.
     *
     * @param callable(): FoyerAnswer $work
     */
    public function withDesk(int $department, callable $work): FoyerAnswer
    {
        try {
            return $work();
        } catch (FoyerRefused $refused) {
            if ($refused->answer->code() !== 'not_found' || $department <= 0) {
                throw $refused;
            }
            $this->ensure($department);
            return $work();
        }
    }

    /** A department of the same name is another's only if a desk of ours leads to it; two here may be called the same. */
    private function department(string $name): int
    {
        $answer = $this->bridge->call('POST', '/departments', ['name' => $name]);
        if ($answer->ok()) {
            return (int) $answer->body['department']['id'];
        }
        if ($answer->code() !== 'conflict') {
            throw new FoyerRefused($answer);
        }
        foreach ($this->ask('GET', '/departments')['departments'] as $known) {
            if (mb_strtolower($known['name']) === mb_strtolower($name)) {
                return (int) $known['id'];
            }
        }
        throw new FoyerRefused($answer);
    }

    private function remember(int $departmentId, int $foyerId, string $desk): void
    {
        $sql = 'REPLACE INTO `lhc_foyer_department` (`dep_id`, `foyer_id`, `desk`) VALUES (:id, :foyer, :desk)';
        FoyerDatabase::run($this->foyer->db(), $sql, ['id' => $departmentId, 'foyer' => $foyerId, 'desk' => $desk]);
    }

    private function assignOperators(): void
    {
        foreach ($this->foyer->operators()->all() as $operator) {
            (new FoyerAccounts($this->foyer))->follow((int) $operator['user_id']);
        }
    }

    /** @return array<string, mixed> */
    private function ask(string $method, string $path, ?array $body = null): array
    {
        $answer = $this->bridge->call($method, $path, $body);
        if (!$answer->ok()) {
            throw new FoyerRefused($answer);
        }
        return $answer->body;
    }
}
