<?php

declare(strict_types=1);

/** What the bridge answered. */
final class FoyerAnswer
{
    /** @param array<string, mixed> $body */
    public function __construct(public readonly int $status, public readonly array $body, public readonly ?int $retryAfter)
    {
    }

    public function ok(): bool
    {
        return $this->status >= 200 && $this->status < 300;
    }

    /** Of a refusal. */
    public function code(): string
    {
        return (string) ($this->body['code'] ?? '');
    }

    /** The same call may be taken later. A wrong key or a refused address is for a person to mend, who then finds everything still there. */
    public function passes(): bool
    {
        return $this->status >= 500 || in_array($this->status, [401, 403, 408, 425, 429], true) || ($this->status < 400 && !$this->ok());
    }

    public function reason(): string
    {
        $detail = FoyerDescribe::line((string) ($this->body['detail'] ?? $this->body['title'] ?? ''), 180);
        return trim("HTTP $this->status " . $this->code() . ($detail === '' ? '' : ": $detail"));
    }
}
