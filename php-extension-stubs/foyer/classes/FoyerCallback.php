<?php

declare(strict_types=1);

/**
 * What the bridge says. Checked, taken once, and done in one transaction: an answer of 2xx means that it is committed. 409 and 410 tell the bridge to give the
 * callback up, keep it for a person and tell the operator whose words it brought; everything else makes it try again.
 */
final class FoyerCallback
{
    private const TRIES = 3;
    private const MOST_BYTES = 2_000_000;
    /** What an operator reads at the XMPP client. */
    private const REASONS = [
        'unknown_operator' => 'Live Helper Chat has no user for this account.',
        'unknown_visitor' => 'Live Helper Chat does not know this visitor any more.',
        'unknown_group' => 'Live Helper Chat does not have this group chat any more.',
        'unknown_chat' => 'Live Helper Chat does not have this chat any more.',
    ];

    public function __construct(private readonly Foyer $foyer)
    {
    }

    /**
     * @param array{id: string, timestamp: string, signature: string} $headers
     * @return array{int, array<string, mixed>} status and body
     */
    public function receive(array $headers, string $body, int $now): array
    {
        $secrets = $this->foyer->settings()->secrets;
        if ($secrets === []) {
            return [503, ['error' => 'not_connected']];
        }
        if (strlen($body) > self::MOST_BYTES) {
            return [413, ['error' => 'too_large']];
        }
        $fault = FoyerSignature::check($secrets, $headers['id'], $headers['timestamp'], $headers['signature'], $body, $now);
        if ($fault !== null) {
            return [401, ['error' => 'signature_invalid', 'reason' => $fault]];
        }
        $said = json_decode($body, true);
        if (!is_array($said) || !is_string($said['type'] ?? null) || !is_array($said['data'] ?? null) || !preg_match('/^[\x21-\x7e]{1,100}\z/', $headers['id'])) {
            return [410, ['error' => 'malformed']];
        }
        for ($try = 1; ; $try += 1) {
            try {
                return $this->once($headers['id'], $said);
            } catch (\Throwable $caught) {
                $this->undo();
                $contention = FoyerDatabase::isContention($caught);
                if ($contention && $try < self::TRIES) {
                    continue;
                }
                FoyerLog::fault("callback $said[type]", $caught);
                return [$contention ? 503 : 500, ['error' => $contention ? 'busy' : 'internal']];
            }
        }
    }

    /**
     * @param array<string, mixed> $said
     * @return array{int, array<string, mixed>}
     */
    private function once(string $id, array $said): array
    {
        $db = $this->foyer->db();
        $db->beginTransaction();
        $sql = 'INSERT IGNORE INTO `lhc_foyer_received` (`webhook_id`, `ctime`) VALUES (:id, :now)';
        if (FoyerDatabase::run($db, $sql, ['id' => $id, 'now' => time()])->rowCount() === 0) {
            $db->commit();
            return [200, ['result' => 'duplicate']];
        }
        $result = FoyerLoop::during(fn (): string => $this->act($said['type'], $said['data'], (int) strtotime((string) ($said['timestamp'] ?? ''))));
        if (preg_match('/^(gone|refused):(.+)\z/', $result, $found) === 1) {
            // Not taken: when a person has mended what is missing and sends it again, it counts as new.
            $this->undo();
            return [$found[1] === 'gone' ? 410 : 409, ['code' => $found[2], 'detail' => self::REASONS[$found[2]] ?? '']];
        }
        if ($db->commit() === false) {
            throw new RuntimeException('the transaction was undone');
        }
        return [200, ['result' => $result]];
    }

    /** @param array<string, mixed> $data */
    private function act(string $type, array $data, int $at): string
    {
        return match ($type) {
            'operator.message' => (new FoyerIncoming($this->foyer))->message($data),
            'operator.message_corrected' => (new FoyerIncoming($this->foyer))->corrected($data),
            'operator.message_retracted' => (new FoyerIncoming($this->foyer))->retracted($data),
            'operator.typing' => (new FoyerTyping($this->foyer))->shown($data, $at),
            'system.message' => (new FoyerIncoming($this->foyer))->note($data),
            'chat.accepted' => (new FoyerChatState($this->foyer))->accepted($data),
            'chat.waiting' => (new FoyerChatState($this->foyer))->waiting($data),
            'chat.closed' => (new FoyerChatState($this->foyer))->closed($data),
            'message.state' => (new FoyerChatState($this->foyer))->delivered($data),
            'operator.connected', 'operator.changed' => (new FoyerPresence($this->foyer))->set($data['operator'] ?? null, (string) ($data['show'] ?? ''), $at),
            'operator.disconnected' => (new FoyerPresence($this->foyer))->set($data['operator'] ?? null, 'offline', $at),
            'operators.online' => (new FoyerPresence($this->foyer))->snapshot(array_values((array) ($data['operators'] ?? [])), $at),
            'room.message' => (new FoyerGroupIncoming($this->foyer))->message($data),
            'room.message_corrected' => (new FoyerGroupIncoming($this->foyer))->corrected($data),
            'room.message_retracted' => (new FoyerGroupIncoming($this->foyer))->retracted($data),
            'room.joined' => (new FoyerGroupIncoming($this->foyer))->joined($data),
            'room.left' => (new FoyerGroupIncoming($this->foyer))->left($data),
            'visitor.timed_out' => $this->timedOut($data),
            'callback.test' => 'test',
            // What this Live Helper Chat said itself, and what comes later by new versions of the bridge.
            default => 'ignored',
        };
    }

    /** The next sign of the visitor is told at once. */
    private function timedOut(array $data): string
    {
        $id = (string) ($data['visitor']['external_id'] ?? '');
        if (ctype_digit($id)) {
            FoyerDatabase::run($this->foyer->db(), 'UPDATE `lhc_foyer_visitor` SET `told_at` = 0 WHERE `online_user_id` = :id', ['id' => $id]);
        }
        return 'visitor_gone';
    }

    /** Live Helper Chat nests transactions: all levels are left. */
    private function undo(): void
    {
        $db = $this->foyer->db();
        for ($level = 0; $level < 5 && $db->inTransaction(); $level += 1) {
            $db->rollback();
        }
    }
}
