<?php

declare(strict_types=1);

/** Users of Live Helper Chat come, change and go: so do their XMPP accounts, where the settings say so. */
final class FoyerUserEvents
{
    public function __construct(private readonly Foyer $foyer)
    {
    }

    /** Also comes with every change by REST, then without a password. */
    public function created(array $params): void
    {
        $user = self::user($params);
        if ($user === null) {
            return;
        }
        $settings = $this->foyer->settings();
        if ($this->foyer->operators()->find((int) $user->id) !== null) {
            $this->modified($params);
        } elseif ($settings->createAccounts !== 'no' && (string) ($params['password'] ?? '') !== '') {
            $name = $settings->createAccounts === 'email' ? (string) $user->email : (string) $user->username;
            $password = $settings->samePassword ? (string) $params['password'] : null;
            (new FoyerAccounts($this->foyer))->create((int) $user->id, FoyerAccounts::username($name), $password);
        }
    }

    public function modified(array $params): void
    {
        $user = self::user($params);
        if ($user !== null && $this->foyer->operators()->find((int) $user->id) !== null) {
            (new FoyerAccounts($this->foyer))->follow((int) $user->id);
            $this->password((int) $user->id, (string) ($params['password'] ?? ''));
            $this->duty(['user' => $user]);
        }
    }

    /** Asked while the form is checked: the new password is taken when it is going to be saved. */
    public function ownAccount(array $params): void
    {
        $user = self::user($params);
        if ($user !== null && ($params['errors'] ?? []) === []) {
            $this->modified($params + ['password' => $user->password_front ?? '']);
        }
    }

    public function departments(array $params): void
    {
        $user = is_object($params['user'] ?? null) ? $params['user'] : null;
        if ($user !== null && $this->foyer->operators()->find((int) $user->id) !== null) {
            (new FoyerAccounts($this->foyer))->follow((int) $user->id);
        }
    }

    public function deleted(array $params): void
    {
        $user = self::user($params);
        if ($user !== null) {
            (new FoyerAccounts($this->foyer))->remove((int) $user->id);
        }
    }

    public function loggedIn(array $params): void
    {
        $user = $params['current_user'] ?? null;
        $id = is_object($user) && method_exists($user, 'getUserID') ? (int) $user->getUserID() : 0;
        (new FoyerPresence($this->foyer))->tellWeb($id, true);
    }

    /** Live Helper Chat has just called the operator offline; whose XMPP client is still there stays online. */
    public function loggedOut(array $params): void
    {
        $user = $params['user'] ?? null;
        $id = is_object($user) && method_exists($user, 'getUserID') ? (int) $user->getUserID() : 0;
        if ($id > 0) {
            (new FoyerPresence($this->foyer))->tellWeb($id, false);
            (new FoyerPresence($this->foyer))->restore($id);
        }
    }

    /** Whoever hides from visitors here is offered no chats at the XMPP client either. Also comes with every other change of who is online. */
    public function duty(array $params): void
    {
        $user = $params['user'] ?? null;
        $account = is_object($user) && isset($user->hide_online) ? $this->foyer->operators()->find((int) $user->id) : null;
        if ($account !== null && (int) $user->hide_online !== (int) $account['off_duty']) {
            $this->foyer->tell(FoyerOutbox::OPERATORS, 'operator.duty', ['user_id' => (int) $user->id]);
        }
    }

    public function departmentChanged(array $params): void
    {
        $department = $params['department'] ?? null;
        if (is_object($department) && (int) $department->id > 0) {
            $this->foyer->tell(FoyerOutbox::OPERATORS, 'department', ['department' => (int) $department->id]);
        }
    }

    private function password(int $userId, string $password): void
    {
        if ($password !== '' && $this->foyer->settings()->samePassword) {
            (new FoyerAccounts($this->foyer))->password($userId, $password);
        }
    }

    private static function user(array $params): ?object
    {
        $user = $params['userData'] ?? null;
        return is_object($user) && (int) $user->id > 0 ? $user : null;
    }
}
