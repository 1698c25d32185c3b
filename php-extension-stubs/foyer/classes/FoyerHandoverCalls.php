<?php

declare(strict_types=1);

/** Who has a chat, what its visitor is called, who types: from an outbox entry to the bridge's calls. */
final class FoyerHandoverCalls
{
    private const PENDING = 0;
    private const ACTIVE = 1;

    /** Nobody types any more who did so long ago. */
    private const TYPING_SECONDS = 10;

    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge)
    {
    }

    /**
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function send(string $kind, array $payload, int $since): void
    {
        $known = $this->foyer->chats()->find((int) $payload['chat_id']);
        if ($known === null || !$known['open'] || $known['foyer_id'] === 0) {
            return;
        }
        $path = "/chats/$known[foyer_id]";
        match ($kind) {
            'assign' => $this->assign($path, $payload),
            'release' => $this->release($path, $payload),
            'rename' => $this->call('PATCH', "$path/visitor", ['nick' => $payload['nick']]),
            'typing' => time() - $since > self::TYPING_SECONDS ? null : $this->call('POST', "$path/typing", $payload['body']),
        };
    }

    /** As it is in Live Helper Chat now: later changes have entries of their own. */
    private function assign(string $path, array $payload): void
    {
        $chat = $this->chat((int) $payload['chat_id']);
        $userId = (int) ($chat['user_id'] ?? 0);
        if ($userId === 0 || (int) $chat['status'] !== self::ACTIVE) {
            return;
        }
        $operator = (int) ($this->foyer->operators()->find($userId)['foyer_id'] ?? 0);
        $body = ['operator' => $operator] + ($payload['by'] === '' ? [] : ['by' => $payload['by']]);
        if ($operator > 0 && $this->call('POST', "$path/assign", $body)->code() !== 'not_found') {
            return;
        }
        $user = erLhcoreClassModelUser::fetch($userId);
        $name = is_object($user) ? FoyerDescribe::line((string) $user->name_support, 100) : '';
        $this->call('POST', "$path/assign", ['holder' => $name === '' ? 'Helpdesk' : $name]);
    }

    private function release(string $path, array $payload): void
    {
        $chat = $this->chat((int) $payload['chat_id']);
        if ((int) ($chat['status'] ?? -1) !== self::PENDING) {
            return;
        }
        $sql = 'SELECT `foyer_id` FROM `lhc_foyer_department` WHERE `dep_id` = :id';
        $department = (int) (FoyerDatabase::row($this->foyer->db(), $sql, ['id' => (int) $chat['dep_id']])['foyer_id'] ?? 0);
        if ($department > 0) {
            $this->call('POST', "$path/transfer", ['department' => $department, 'author' => 'Live Helper Chat']);
        }
    }

    /** @return array<string, mixed>|null */
    private function chat(int $chatId): ?array
    {
        return FoyerDatabase::row($this->foyer->db(), 'SELECT `status`, `user_id`, `dep_id` FROM `lh_chat` WHERE `id` = :id', ['id' => $chatId]);
    }

    /** What is over, or so already, at the bridge needs no more: 404 and 409. */
    private function call(string $method, string $path, array $body): FoyerAnswer
    {
        $answer = $this->bridge->call($method, $path, $body);
        if (!$answer->ok() && !in_array($answer->status, [404, 409], true)) {
            throw new FoyerRefused($answer);
        }
        return $answer;
    }
}
