<?php

declare(strict_types=1);

/** Operators and departments: from an outbox entry to the bridge's calls. */
final class FoyerOperatorCalls
{
    /** Live Helper Chat's 0 is no limit: this is the bridge's highest. */
    private const MOST_CHATS = 1000;

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
            'operator.change' => $this->change((int) $payload['user_id']),
            'operator.password' => $this->password($payload),
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
        $row = $this->user($userId);
        if ($row === null || $this->foyer->operators()->find($userId) === null) {
            return;
        }
        $body = ['username' => $payload['username'], 'name' => self::nameOf($row, $payload['username'])];
        $password = isset($payload['sealed']) ? FoyerSeal::open($payload['sealed'], FoyerSettings::sealingKey()) : null;
        $answer = $this->bridge->call('POST', '/operators', $body + ($password === null ? [] : ['password' => $password]), $this->key);
        $known = $answer->ok() ? $answer->body['operator'] : null;
        if ($known === null) {
            $known = $answer->code() === 'conflict' ? $this->find($payload['username']) : null;
            if ($known === null) {
                throw new FoyerRefused($answer);
            }
        }
        $this->foyer->operators()->bind($userId, (int) $known['id'], $known['jid']);
        $this->change($userId);
        $this->duty($userId);
    }

    private function change(int $userId): void
    {
        $row = $this->user($userId);
        $account = $this->foyer->operators()->find($userId);
        if ($row === null || (int) ($account['foyer_id'] ?? 0) === 0) {
            return;
        }
        $state = $this->foyer->operators()->state($userId);
        $most = (int) $row['max_active_chats'];
        $this->call('PATCH', "/operators/$account[foyer_id]", [
            'name' => self::nameOf($row, $account['username']),
            'departments' => (int) $account['receives'] === 1 ? (new FoyerDepartments($this->foyer, $this->bridge))->of($userId) : [],
            'max_chats' => $most > 0 ? min($most, self::MOST_CHATS) : self::MOST_CHATS,
            'disabled' => (int) $row['disabled'] === 1,
        ], [404]);
        $this->foyer->operators()->told($userId, $state);
    }

    private function password(array $payload): void
    {
        $id = $this->foyerId($payload);
        $password = FoyerSeal::open($payload['sealed'], FoyerSettings::sealingKey());
        if ($id > 0 && $password !== null) {
            $this->call('PUT', "/operators/$id/password", ['password' => $password], [404]);
        }
    }

    /** As it is in Live Helper Chat now. The operator's own `!pause` is another thing. */
    private function duty(int $userId): void
    {
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT `hide_online` FROM `lh_users` WHERE `id` = :id', ['id' => $userId]);
        $account = $this->foyer->operators()->find($userId);
        $off = (int) ($row['hide_online'] ?? 0) !== 0;
        if ($account !== null && (int) $account['foyer_id'] > 0 && $off !== ((int) $account['off_duty'] !== 0)) {
            $this->call('PATCH', "/operators/$account[foyer_id]", ['off_duty' => $off], [404]);
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

    /** @return array<string, mixed>|null of lh_users */
    private function user(int $userId): ?array
    {
        return FoyerDatabase::row($this->foyer->db(), 'SELECT * FROM `lh_users` WHERE `id` = :id', ['id' => $userId]);
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
