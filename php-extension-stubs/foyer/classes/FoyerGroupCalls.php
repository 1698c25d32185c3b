<?php

declare(strict_types=1);

/** Group chats of operators: from an outbox entry to the bridge's calls. Each brings the room to what the group is now. */
final class FoyerGroupCalls
{
    private const AT_ONCE = 50;

    public function __construct(private readonly Foyer $foyer, private readonly FoyerBridge $bridge)
    {
    }

    /**
     * @throws FoyerUnreachable
     * @throws FoyerRefused
     */
    public function send(string $kind, array $payload): void
    {
        match ($kind) {
            'group' => $this->bring((int) $payload['group_id']),
            'group.message' => $this->again((int) $payload['group_id'], (int) $payload['message']),
        };
    }

    /** Who looks after the bridge may have removed the room: then another is made. */
    private function bring(int $groupId): void
    {
        try {
            $this->group($groupId);
        } catch (FoyerRefused $refused) {
            $foyerId = (int) ($this->foyer->groups()->find($groupId)['foyer_id'] ?? 0);
            if ($refused->answer->status !== 404 || $foyerId === 0 || $this->isOpen($foyerId)) {
                throw $refused;
            }
            $this->foyer->groups()->bind($groupId, 0, '');
            $this->group($groupId);
        }
    }

    private function group(int $groupId): void
    {
        $groups = $this->foyer->groups();
        $wanted = $groups->wanted($groupId);
        $known = $groups->find($groupId);
        if ($wanted === null) {
            if ((int) ($known['foyer_id'] ?? 0) > 0) {
                $this->call('DELETE', "/rooms/$known[foyer_id]", null, [404]);
            }
            $groups->forget($groupId);
            return;
        }
        if ($known === null) {
            $groups->know($groupId, $wanted['chat_id'], $this->foyer->settings()->connectedAt);
        }
        $foyerId = (int) ($known['foyer_id'] ?? 0);
        if ($foyerId === 0 && $wanted['members'] === []) {
            $groups->raiseFloor($groupId);
            return;
        }
        $told = (string) ($known['told'] ?? '');
        if ($foyerId === 0) {
            $foyerId = $this->make($groupId, $wanted['title']);
            $told = '';
        } elseif ($known['title'] !== $wanted['title']) {
            $this->call('PATCH', "/rooms/$foyerId", ['title' => $wanted['title']]);
            $groups->titleTold($groupId, $wanted['title']);
        }
        if ($told !== FoyerGroups::digest($wanted['members'])) {
            $this->members($foyerId, $wanted['members']);
            $groups->membersTold($groupId, $wanted['members']);
        }
        $this->words($groupId, $foyerId);
    }

    /** The same external id gives the room that there is: a repeat after a crash makes no second one. */
    private function make(int $groupId, string $title): int
    {
        $body = ['external_id' => 'lhc-' . $this->foyer->settings()->installId . "-$groupId", 'title' => $title];
        $foyerId = (int) $this->call('POST', '/rooms', $body)->body['room']['id'];
        $this->foyer->groups()->bind($groupId, $foyerId, $title);
        return $foyerId;
    }

    /** @param list<int> $members */
    private function members(int $foyerId, array $members): void
    {
        $path = "/rooms/$foyerId/members";
        if ($this->call('PUT', $path, ['members' => $members], [404])->status !== 404) {
            return;
        }
        // Somebody among them is no operator there any more.
        $there = [];
        foreach ($this->call('GET', '/operators', null)->body['operators'] as $operator) {
            if (empty($operator['disabled'])) {
                $there[] = (int) $operator['id'];
            }
        }
        $this->call('PUT', $path, ['members' => array_values(array_intersect($members, $there))]);
    }

    private function words(int $groupId, int $foyerId): void
    {
        $groups = $this->foyer->groups();
        while (($messages = $groups->untold($groupId, self::AT_ONCE)) !== []) {
            foreach ($messages as $message) {
                try {
                    $this->say($foyerId, $message);
                } catch (FoyerRefused $refused) {
                    if ($refused->answer->passes() || $refused->answer->status === 404) {
                        throw $refused;
                    }
                    // It doesn't hold up what was said after it: a person can send it again.
                    $payload = ['group_id' => $groupId, 'message' => (int) $message->id];
                    $this->foyer->outbox()->bury($this->foyer->outbox()->add(FoyerGroups::lane($groupId), 'group.message', $payload), $refused->answer->reason());
                }
                $groups->rememberMessage((int) $message->id, $groupId);
            }
        }
    }

    private function again(int $groupId, int $messageId): void
    {
        $row = FoyerDatabase::row($this->foyer->db(), 'SELECT * FROM `lh_group_msg` WHERE `id` = :id AND `chat_id` = :group', ['id' => $messageId, 'group' => $groupId]);
        $foyerId = (int) ($this->foyer->groups()->find($groupId)['foyer_id'] ?? 0);
        if ($row !== null && $foyerId > 0) {
            $this->say($foyerId, (object) $row);
        }
    }

    private function say(int $foyerId, object $message): void
    {
        $text = FoyerText::ofMessage($message);
        if ($text === '') {
            return;
        }
        $body = ['text' => $text, 'message_id' => "group-$message->id"];
        $name = FoyerDescribe::line((string) $message->name_support, 100);
        $author = $name === '' ? [] : ['author' => $name];
        $operator = (int) ($this->foyer->operators()->find((int) $message->user_id)['foyer_id'] ?? 0);
        $path = "/rooms/$foyerId/messages";
        if ($operator === 0 || $this->call('POST', $path, $body + ['operator_id' => $operator], [404])->status === 404) {
            $this->call('POST', $path, $body + $author);
        }
    }

    private function isOpen(int $foyerId): bool
    {
        $answer = $this->call('GET', "/rooms/$foyerId", null, [404]);
        return $answer->ok() && !in_array($answer->body['room']['state'] ?? '', ['closed', 'abandoned'], true);
    }

    /** @param list<int> $fine statuses that count as done besides 2xx */
    private function call(string $method, string $path, ?array $body, array $fine = []): FoyerAnswer
    {
        $answer = $this->bridge->call($method, $path, $body);
        if (!$answer->ok() && !in_array($answer->status, $fine, true)) {
            throw new FoyerRefused($answer);
        }
        return $answer;
    }
}
