<?php

declare(strict_types=1);

/** XMPP accounts of users: each step is written down and done by the bridge. */
final class FoyerAccounts
{
    /** What the bridge takes as a password; one that doesn't fit is left out, and the bridge makes one up. */
    private const PASSWORD = '/^[\x21-\x7e]{10,128}\z/';

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** A login for XMPP out of a user name or e-mail address of Live Helper Chat. */
    public static function username(string $name): string
    {
        $local = explode('@', strtolower(trim($name)))[0];
        return substr(trim((string) preg_replace('/[^a-z0-9._-]+/', '-', $local), '-._'), 0, 61);
    }

    public function create(int $userId, string $username, ?string $password, bool $receives = true): void
    {
        if ($username === '') {
            return;
        }
        $this->foyer->operators()->add($userId, $username, $receives);
        $this->tell('operator.create', ['user_id' => $userId, 'username' => $username] + $this->sealed($password));
    }

    /** What the user is then is read when the bridge is told: name, departments, how many chats, disabled. */
    public function follow(int $userId): void
    {
        $this->tell('operator.change', ['user_id' => $userId]);
    }

    public function password(int $userId, string $password): void
    {
        if (preg_match(self::PASSWORD, $password)) {
            $this->tell('operator.password', ['user_id' => $userId] + $this->sealed($password));
        }
    }

    public function receives(int $userId, bool $receives): void
    {
        $this->foyer->operators()->receives($userId, $receives);
        $this->follow($userId);
    }

    public function remove(int $userId): void
    {
        $known = $this->foyer->operators()->find($userId);
        if ($known !== null) {
            $this->tell('operator.delete', ['user_id' => $userId, 'foyer_id' => (int) $known['foyer_id'], 'username' => $known['username']]);
            $this->foyer->operators()->remove($userId);
        }
    }

    private function tell(string $kind, array $payload): void
    {
        $this->foyer->tell(FoyerOutbox::OPERATORS, $kind, $payload);
    }

    private function sealed(?string $password): array
    {
        if ($password === null || !preg_match(self::PASSWORD, $password)) {
            return [];
        }
        return ['sealed' => FoyerSeal::close($password, FoyerSettings::sealingKey())];
    }
}
