<?php

declare(strict_types=1);

/** Brings the outbox to the bridge, lane by lane; several processes may do so at once. */
final class FoyerDelivery
{
    private const AT_ONCE = 50;
    private const PLACES = 3;
    /** Names of locks belong to the whole server and have 64 characters at most. */
    private const LOCK = "CONCAT('foyer.', MD5(CONCAT(DATABASE(), '.', :name)))";

    /** The bridge gave no answer, or one that says so. */
    private bool $away = false;
    private bool $greeted = false;

    public function __construct(private readonly PDO $db, private readonly FoyerOutbox $outbox, private readonly FoyerCalls $calls)
    {
    }

    /**
     * After an answer, in the web server's own processes: while the bridge is slow only a few of them may wait for it. Who finds no place leaves its
     * entries to those who have one, and who therefore look once more after they have given it up.
     *
     * @param list<string> $first lanes that go before the others
     */
    public function runInPlace(array $first, float $until): int
    {
        $sent = 0;
        do {
            $place = $this->place();
            if ($place === null) {
                return $sent;
            }
            try {
                $sent += $this->run($first, $until);
            } finally {
                $this->unlock($place);
            }
            $first = [];
        } while (!$this->away && microtime(true) < $until && $this->outbox->dueLanes(time(), 1) !== []);
        return $sent;
    }

    /**
     * @param list<string> $first lanes that go before the others
     * @return int how many entries left
     */
    public function run(array $first, float $until): int
    {
        $sent = 0;
        $seen = [];
        $lanes = $first;
        while ($lanes !== [] || $seen === []) {
            foreach ($lanes as $lane) {
                $seen[$lane] = true;
                $sent += $this->lane($lane, $until);
                if ($this->away || microtime(true) >= $until) {
                    return $sent;
                }
            }
            $seen[''] = true;
            $due = $this->outbox->dueLanes(time(), self::AT_ONCE);
            $lanes = array_values(array_filter($due, static fn (string $lane): bool => !isset($seen[$lane])));
        }
        return $sent;
    }

    /**
     * One process at a time serves a lane. Who finds it taken leaves its entries to the other, who therefore looks once more after it has let go.
     */
    public function lane(string $lane, float $until): int
    {
        $sent = 0;
        do {
            if (!$this->lock($lane)) {
                return $sent;
            }
            try {
                [$count, $stopped] = $this->drain($lane, $until);
            } finally {
                $this->unlock($lane);
            }
            $sent += $count;
        } while (!$stopped && $this->outbox->head($lane, 1) !== []);
        return $sent;
    }

    /** @return array{int, bool} how many left, and whether the rest must wait */
    private function drain(string $lane, float $until): array
    {
        $sent = 0;
        while (($entries = $this->outbox->head($lane, self::AT_ONCE)) !== []) {
            foreach ($entries as $index => $entry) {
                if ($entry['next_at'] > time() || microtime(true) >= $until) {
                    return [$sent, true];
                }
                if ($this->superseded($entry, array_slice($entries, $index + 1))) {
                    $this->outbox->done($entry['id']);
                } elseif ($this->send($entry)) {
                    $sent += 1;
                } else {
                    return [$sent, true];
                }
            }
        }
        return [$sent, false];
    }

    /** @return bool whether the entry is out of the way */
    private function send(array $entry): bool
    {
        try {
            $this->calls->send($entry);
            $this->outbox->done($entry['id']);
            $this->answered();
            return true;
        } catch (FoyerUnreachable $fault) {
            $this->away = true;
            $this->outbox->later($entry['id'], $entry['attempts'], $fault->getMessage(), true);
        } catch (FoyerRefused $refused) {
            $answer = $refused->answer;
            if (!$answer->passes()) {
                $this->outbox->bury($entry['id'], $answer->reason());
                FoyerLog::write("the bridge refuses entry $entry[id] ($entry[kind]): " . $answer->reason());
                return true;
            }
            $this->away = $answer->status !== 429;
            $this->outbox->later($entry['id'], $entry['attempts'], $answer->reason(), $this->away, $answer->retryAfter);
        } catch (\Throwable $fault) {
            FoyerLog::fault("outbox entry $entry[id]", $fault);
            $this->outbox->later($entry['id'], $entry['attempts'], $fault->getMessage(), false);
        }
        return false;
    }

    private function superseded(array $entry, array $later): bool
    {
        if (!in_array($entry['kind'], FoyerOutbox::NEWEST_ONLY, true)) {
            return false;
        }
        foreach ($later as $other) {
            if ($other['kind'] === $entry['kind'] && ($other['payload']['chat_id'] ?? 0) === ($entry['payload']['chat_id'] ?? 0)) {
                return true;
            }
        }
        return false;
    }

    /** What waited because the bridge was away needs to wait no longer. */
    private function answered(): void
    {
        if (!$this->greeted) {
            $this->greeted = true;
            $this->outbox->bridgeIsBack(time());
        }
    }

    private function place(): ?string
    {
        for ($number = 1; $number <= self::PLACES; $number += 1) {
            if ($this->lock("place $number")) {
                return "place $number";
            }
        }
        return null;
    }

    private function lock(string $name): bool
    {
        return (int) (FoyerDatabase::row($this->db, 'SELECT GET_LOCK(' . self::LOCK . ', 0) AS `got`', ['name' => $name])['got'] ?? 0) === 1;
    }

    private function unlock(string $name): void
    {
        FoyerDatabase::run($this->db, 'SELECT RELEASE_LOCK(' . self::LOCK . ')', ['name' => $name])->fetchAll();
    }
}
