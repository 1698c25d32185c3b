<?php

declare(strict_types=1);

/** Operators and departments: from an outbox entry to the bridge's calls. */
final class FoyerOperatorCalls
{
    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge, private readonly string $key)
    {
    }

    /**
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function send(string $kind, array $payload): void
    {
        match ($kind) {
            'operator.create' => $this->create($payload),
            'operator.change' => $this->change($payload),
            'operator.password' => $this->password($payload),
            'operator.departments' => $this->departments((int) $payload['user_id']),
            'operator.duty' => $this->duty((int) $payload['user_id']),
            'operator.delete' => $this->delete($payload),
            'department' => $this->department((int) $payload['department']),
            default => throw new InvalidArgumentException("unknown entry $kind"),
        };
    }

    /** An operator of this name who is there already is taken over: accounts from before keep their password. */
    private function create(array $payload): void
    {
        $userId = (int) $payload['user_id'];
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT * FROM `lh_users` WHERE `id` = :id', ['id' => $userId]);
        if ($row === null || $this->foyer->operators()->find($userId) === null) {
            return;
        }
        $receives = (int) $this->foyer->operators()->find($userId)['receives'] === 1;
        $body = [
            'username' => $payload['username'],
            'name' => self::nameOf($row, $payload['username']),
            'departments' => $receives ? (new FoyerDepartments($this->foyer, $this->bridge))->of($userId) : [],
        ];
        $password = isset($payload['sealed']) ? FoyerSeal::open($payload['sealed'], FoyerSettings::sealingKey()) : null;
        $answer = $this->bridge->call('POST', '/operators', $body + ($password === null ? [] : ['password' => $password]), $this->key);
        if ($answer->ok()) {
            $this->foyer->operators()->bind($userId, (int) $answer->body['operator']['id'], $answer->body['operator']['jid']);
            $this->duty($userId);
            return;
        }
        $known = $answer->code() === 'conflict' ? $this->find($payload['username']) : null;
        if ($known === null) {
            throw new FoyerRefused($answer);
        }
        $this->foyer->operators()->bind($userId, (int) $known['id'], $known['jid']);
        $this->patch((int) $known['id'], ['departments' => $body['departments'], 'disabled' => false]);
        $this->duty($userId);
    }

    private function change(array $payload): void
    {
        $id = $this->foyerId($payload);
        if ($id > 0) {
            $this->patch($id, array_filter(['name' => $payload['name']], 'strlen') + ['disabled' => $payload['disabled']]);
        }
    }

    private function password(array $payload): void
    {
        $id = $this->foyerId($payload);
        $password = FoyerSeal::open($payload['sealed'], FoyerSettings::sealingKey());
        if ($id > 0 && $password !== null) {
            $this->call('PUT', "/operators/$id/password", ['password' => $password], [404]);
        }
    }

    private function departments(int $userId): void
    {
        $operator = $this->foyer->operators()->find($userId);
        if ($operator === null || (int) $operator['foyer_id'] === 0) {
            return;
        }
        $departments = (int) $operator['receives'] === 1 ? (new FoyerDepartments($this->foyer, $this->bridge))->of($userId) : [];
        $this->patch((int) $operator['foyer_id'], ['departments' => $departments]);
    }

    /** As it is in Live Helper Chat now. The operator's own `!pause` is another thing. */
    private function duty(int $userId): void
    {
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT `hide_online` FROM `lh_users` WHERE `id` = :id', ['id' => $userId]);
        $account = $this->foyer->operators()->find($userId);
        $off = (int) ($row['hide_online'] ?? 0) !== 0;
        if ($account !== null && (int) $account['foyer_id'] > 0 && $off !== ((int) $account['off_duty'] !== 0)) {
            $this->patch((int) $account['foyer_id'], ['off_duty' => $off]);
            $this->foyer->operators()->offDuty($userId, $off);
        }
    }

    private function delete(array $payload): void
    {
        $id = (int) $payload['foyer_id'];
        if ($id === 0) {
            $id = (int) ($this->find($payload['username'])['id'] ?? 0);
        }
        if ($id > 0) {
            $this->call('DELETE', "/operators/$id", null, [404]);
        }
    }

    private function department(int $departmentId): void
    {
        $known = FoyerDatabase::row($this->foyer->db(), 'SELECT 1 FROM `lhc_foyer_department` WHERE `dep_id` = :id', ['id' => $departmentId]);
        if ($known === null) {
            (new FoyerDepartments($this->foyer, $this->bridge))->ensure($departmentId);
        }
    }

    private function patch(int $id, array $body): void
    {
        $this->call('PATCH', "/operators/$id", $body, [404]);
    }

    private function foyerId(array $payload): int
    {
        return (int) ($this->foyer->operators()->find((int) $payload['user_id'])['foyer_id'] ?? 0);
    }

    /** @return array<string, mixed>|null */
    private function find(string $username): ?array
    {
        foreach ($this->call('GET', '/operators', null)->body['operators'] as $operator) {
            $local = explode('@', $operator['jid'])[0];
            if ($local === $username || str_starts_with($local, "$username.")) {
                return $operator;
            }
        }
        return null;
    }

    /** @param array<string, mixed> $row of lh_users */
    private static function nameOf(array $row, string $username): string
    {
        $nickname = trim((string) $row['chat_nickname']);
        $name = FoyerDescribe::line($nickname !== '' ? $nickname : "$row[name] $row[surname]", 100);
        return $name === '' ? $username : $name;
    }

    /** @param list<int> $fine */
    private function call(string $method, string $path, ?array $body, array $fine = []): FoyerAnswer
    {
        $answer = $this->bridge->call($method, $path, $body);
        if (!$answer->ok() && !in_array($answer->status, $fine, true)) {
            throw new FoyerRefused($answer);
        }
        return $answer;
    }
}
