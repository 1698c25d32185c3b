<?php

declare(strict_types=1);

/** The connection and the choices of the back office: one row of lh_chat_config, as Live Helper Chat keeps its own. */
final class FoyerSettings
{
    public const IDENTIFIER = 'foyer_options';

    /** @var array<string, mixed> */
    private const DEFAULTS = [
        'bridge_url' => '',
        'api_key' => '',
        'secrets' => [],
        'install_id' => '',
        'callback_url' => '',
        'connected_at' => 0,
        'visitors' => true,
        'create_accounts' => 'no',
        'same_password' => false,
        'default_user' => 0,
        'migrated' => false,
        'sealed' => '',
    ];

    /** In the database these are sealed: it has no plain secret in it. */
    private const SECRET = ['api_key' => '', 'secrets' => []];

    public readonly string $bridgeUrl;
    public readonly string $apiKey;
    /** @var list<string> the newest first */
    public readonly array $secrets;
    /** Part of every idempotency key: two installations with one bridge, or one that was set up anew, don't take each other's for their own. */
    public readonly string $installId;
    public readonly string $callbackUrl;
    /** What happened before is no business of the bridge. */
    public readonly int $connectedAt;
    /** Whether visitors without a chat are shown to operators. */
    public readonly bool $visitors;
    /** For new users of Live Helper Chat: `no`, or named by `username` or by `email`. */
    public readonly string $createAccounts;
    public readonly bool $samePassword;
    /** In whose name operators write who have no user here; 0: they can't. */
    public readonly int $defaultUser;
    public readonly bool $migrated;

    /**
     * @param array<string, mixed> $values
     * @param array<string, mixed> $file
     */
    private function __construct(private readonly array $values, private readonly array $file)
    {
        $this->bridgeUrl = rtrim((string) $values['bridge_url'], '/');
        $this->apiKey = (string) $values['api_key'];
        $this->secrets = array_values(array_filter((array) $values['secrets'], 'is_string'));
        $this->installId = (string) $values['install_id'];
        $this->callbackUrl = (string) $values['callback_url'];
        $this->connectedAt = (int) $values['connected_at'];
        $this->visitors = (bool) $values['visitors'];
        $this->createAccounts = (string) $values['create_accounts'];
        $this->samePassword = (bool) $values['same_password'];
        $this->defaultUser = (int) $values['default_user'];
        $this->migrated = (bool) $values['migrated'];
    }

    public static function read(PDO $db): self
    {
        $row = FoyerDatabase::row($db, 'SELECT `value` FROM `lh_chat_config` WHERE `identifier` = :id', ['id' => self::IDENTIFIER]);
        $stored = $row === null ? [] : @unserialize((string) $row['value'], ['allowed_classes' => false]);
        $values = array_merge(self::DEFAULTS, is_array($stored) ? $stored : []);
        return new self(array_merge($values, self::unsealed((string) $values['sealed'])), self::file());
    }

    /** @param array<string, mixed> $changes */
    public function save(array $changes): void
    {
        $values = array_merge($this->values, array_intersect_key($changes, self::DEFAULTS));
        if ($values['install_id'] === '') {
            $values['install_id'] = bin2hex(random_bytes(6));
        }
        $secret = array_intersect_key($values, self::SECRET);
        $values = array_merge($values, self::SECRET, ['sealed' => FoyerSeal::close(json_encode($secret, JSON_THROW_ON_ERROR), self::sealingKey())]);
        $option = erLhcoreClassModelChatConfig::fetch(self::IDENTIFIER);
        $option->identifier = self::IDENTIFIER;
        $option->type = 0;
        $option->hidden = 1;
        // Live Helper Chat's audit would keep the secrets otherwise.
        $option->explain = 'ignore';
        $option->value = serialize($values);
        $option->saveThis();
        Foyer::instance()->forgetSettings();
    }

    public function connected(): bool
    {
        return $this->bridgeUrl !== '' && $this->apiKey !== '';
    }

    public function seconds(string $name): int
    {
        return max(1, (int) $this->file[$name]);
    }

    /** A key for what may not lie in the database as plain text: from Live Helper Chat's own settings file. */
    public static function sealingKey(): string
    {
        return hash('sha256', 'foyer:' . erConfigClassLhConfig::getInstance()->getSetting('site', 'secrethash'), true);
    }

    /** @return array<string, mixed> nothing when the settings file is another's */
    private static function unsealed(string $sealed): array
    {
        $values = $sealed === '' ? null : json_decode((string) FoyerSeal::open($sealed, self::sealingKey()), true);
        return array_intersect_key(is_array($values) ? $values : [], self::SECRET);
    }

    /** @return array<string, mixed> */
    private static function file(): array
    {
        $folder = __DIR__ . '/../settings/';
        $own = is_file($folder . 'settings.ini.php') ? include $folder . 'settings.ini.php' : [];
        return array_merge(include $folder . 'settings.ini.default.php', is_array($own) ? $own : []);
    }
}
