<?php

declare(strict_types=1);

/**
 * Visitors on the site. These listeners run before the widget has its answer, so each costs one statement or two. When a visitor has gone is for the bridge
 * to say: after its hard timeout without a sign.
 */
final class FoyerVisitorEvents
{
    public function __construct(private readonly Foyer $foyer)
    {
    }

    public function seen(array $params): void
    {
        $visitor = $params['ou'] ?? null;
        if (is_object($visitor) && (int) $visitor->id > 0 && $this->foyer->settings()->visitors) {
            $this->mark((int) $visitor->id, 0);
            $this->tell($visitor);
        }
    }

    /** Polls of an open page: now and then one is a sign that the visitor is still there. */
    public function stillThere(array $params): void
    {
        $visitor = $params['online_user'] ?? null;
        if (!is_object($visitor) || (int) $visitor->id <= 0 || !$this->foyer->settings()->visitors) {
            return;
        }
        // Who switched tracking off, or is only counted, has no page.
        if ((string) $visitor->current_page !== '' && $this->mark((int) $visitor->id, $this->foyer->settings()->seconds('visitor_sign_seconds'))) {
            $this->tell($visitor);
        }
    }

    public function gone(array $params): void
    {
        $visitor = $params['online_user'] ?? null;
        $id = is_object($visitor) ? (int) $visitor->id : 0;
        if ($id <= 0) {
            return;
        }
        $known = FoyerDatabase::run($this->foyer->db(), 'DELETE FROM `lhc_foyer_visitor` WHERE `online_user_id` = :id', ['id' => $id])->rowCount() > 0;
        if ($known) {
            $this->foyer->tell(FoyerChatMap::visitorLane($id), 'gone', ['external_id' => (string) $id]);
        }
    }

    private function tell(object $visitor): void
    {
        $id = (int) $visitor->id;
        $payload = ['external_id' => (string) $id, 'department' => (int) $visitor->dep_id, 'body' => FoyerDescribe::presence($visitor)];
        $this->foyer->tell(FoyerChatMap::visitorLane($id), 'presence', $payload);
    }

    /** @return bool whether the last sign is older than that */
    private function mark(int $id, int $seconds): bool
    {
        $now = time();
        $sql = 'INSERT INTO `lhc_foyer_visitor` (`online_user_id`, `told_at`) VALUES (:id, :now)
                ON DUPLICATE KEY UPDATE `told_at` = IF(`told_at` <= :limit, :now2, `told_at`)';
        $values = ['id' => $id, 'now' => $now, 'now2' => $now, 'limit' => $now - $seconds];
        return FoyerDatabase::run($this->foyer->db(), $sql, $values)->rowCount() > 0;
    }
}
