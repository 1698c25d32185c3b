<?php

declare(strict_types=1);

/** What belongs to one request: the connection, the settings, and the things made from them when first asked for. */
final class Foyer
{
    private static ?self $instance = null;

    private ?FoyerSettings $settings = null;

    public function __construct(private readonly PDO $db)
    {
    }

    public static function instance(): self
    {
        return self::$instance ??= new self(ezcDbInstance::get());
    }

    public function db(): PDO
    {
        return $this->db;
    }

    public function settings(): FoyerSettings
    {
        return $this->settings ??= FoyerSettings::read($this->db);
    }

    /** Settings were changed in this request. */
    public function forgetSettings(): void
    {
        $this->settings = null;
    }

    public function outbox(): FoyerOutbox
    {
        return new FoyerOutbox($this->db);
    }

    public function chats(): FoyerChatMap
    {
        return new FoyerChatMap($this->db);
    }

    public function operators(): FoyerOperatorMap
    {
        return new FoyerOperatorMap($this->db);
    }

    public function groups(): FoyerGroups
    {
        return new FoyerGroups($this->db);
    }

    public function bridge(float $connectSeconds, float $seconds): FoyerBridge
    {
        $settings = $this->settings();
        return new FoyerBridge($settings->bridgeUrl, $settings->apiKey, $connectSeconds, $seconds);
    }

    public function delivery(FoyerBridge $bridge): FoyerDelivery
    {
        return new FoyerDelivery($this->db, $this->outbox(), new FoyerCalls($this, $bridge));
    }

    /** Absolute address of a page of this Live Helper Chat. */
    public static function address(string $path): string
    {
        return erLhcoreClassSystem::getHost() . erLhcoreClassDesign::baseurldirect($path);
    }

    /** Writes down what the bridge must be told, and has it told once the page has its answer. */
    public function tell(string $lane, string $kind, array $payload): void
    {
        $this->outbox()->add($lane, $kind, $payload);
        FoyerAfterAnswer::wake($this, $lane);
    }
}
