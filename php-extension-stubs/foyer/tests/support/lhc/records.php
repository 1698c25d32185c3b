<?php

declare(strict_types=1);

// Stand-ins for Live Helper Chat's persistent objects: the same static and instance methods, on the same tables, in a real MariaDB.

#[\AllowDynamicProperties]
abstract class LhcRecord
{
    protected const TABLE = '';
    protected const KEY = 'id';

    public $id = null;

    public static function fetch($id)
    {
        return self::load('SELECT * FROM ' . static::TABLE . ' WHERE ' . static::KEY . ' = ?', [$id]);
    }

    public static function fetchAndLock($id)
    {
        return self::load('SELECT * FROM ' . static::TABLE . ' WHERE ' . static::KEY . ' = ? FOR UPDATE', [$id]);
    }

    public static function findOne($params)
    {
        $where = ['1 = 1'];
        foreach ($params['filter'] ?? [] as $field => $value) {
            $where[] = "$field = " . (int) $value;
        }
        foreach ($params['filterin'] ?? [] as $field => $values) {
            $where[] = "$field IN (" . implode(',', array_map('intval', $values)) . ')';
        }
        return self::load('SELECT * FROM ' . static::TABLE . ' WHERE ' . implode(' AND ', $where) . ' LIMIT 1', []);
    }

    public function getState()
    {
        $state = [];
        foreach (static::columns() as $column) {
            $state[$column] = $this->{$column} ?? null;
        }
        return $state;
    }

    public function saveThis()
    {
        $known = $this->id !== null;
        $state = array_filter($this->getState(), static fn ($value, $name) => $value !== null && $name !== 'id', ARRAY_FILTER_USE_BOTH);
        if ($known) {
            $this->write(array_keys($state));
            return;
        }
        $names = array_map(static fn ($name) => "`$name`", array_keys($state));
        $sql = 'INSERT INTO ' . static::TABLE . ' (' . implode(',', $names) . ') VALUES (' . implode(',', array_fill(0, count($state), '?')) . ')';
        ezcDbInstance::get()->prepare($sql)->execute(array_values($state));
        $this->id = (int) ezcDbInstance::get()->lastInsertId();
    }

    public function updateThis($params = [])
    {
        $this->write($params['update'] ?? array_diff(static::columns(), ['id']));
    }

    public function removeThis()
    {
        ezcDbInstance::get()->prepare('DELETE FROM ' . static::TABLE . ' WHERE ' . static::KEY . ' = ?')->execute([$this->{static::KEY}]);
        $this->afterRemove();
    }

    public function afterRemove()
    {
    }

    protected static function columns(): array
    {
        static $columns = [];
        return $columns[static::class] ??= ezcDbInstance::get()->query('SHOW COLUMNS FROM ' . static::TABLE)->fetchAll(PDO::FETCH_COLUMN);
    }

    private function write(array $fields): void
    {
        $sets = array_map(static fn ($name) => "`$name` = ?", $fields);
        $values = array_map(fn ($name) => $this->{$name}, array_values($fields));
        $sql = 'UPDATE ' . static::TABLE . ' SET ' . implode(', ', $sets) . ' WHERE ' . static::KEY . ' = ?';
        ezcDbInstance::get()->prepare($sql)->execute([...$values, $this->{static::KEY}]);
    }

    private static function load(string $sql, array $values)
    {
        $statement = ezcDbInstance::get()->prepare($sql);
        $statement->execute($values);
        $row = $statement->fetch(PDO::FETCH_ASSOC);
        if ($row === false) {
            return false;
        }
        $record = new static();
        foreach ($row as $name => $value) {
            $record->{$name} = $value;
        }
        return $record;
    }
}

final class erLhcoreClassModelChat extends LhcRecord
{
    protected const TABLE = 'lh_chat';
    public $auto_responder = false;

    public function __get($name)
    {
        return match ($name) {
            'department' => erLhcoreClassModelDepartament::fetch($this->dep_id),
            'online_user' => (int) $this->online_user_id > 0 ? erLhcoreClassModelChatOnlineUser::fetch($this->online_user_id) : false,
            'chat_variables_array' => (array) json_decode((string) ($this->chat_variables ?? ''), true),
            default => null,
        };
    }
}

final class erLhcoreClassModelmsg extends LhcRecord
{
    protected const TABLE = 'lh_msg';
    public $meta_msg = '';
    public $user_id = 0;
    public $name_support = '';
    public $del_st = 0;
}

final class erLhcoreClassModelChatOnlineUser extends LhcRecord
{
    protected const TABLE = 'lh_chat_online_user';
}

final class erLhAbstractModelProactiveChatCampaignConversion extends LhcRecord
{
    protected const TABLE = 'lh_abstract_proactive_chat_campaign_conv';
    public const INV_SEND = 0;
    public const INV_SHOWN = 1;
    public const INV_SEEN = 2;
}

final class erLhcoreClassModelDepartament extends LhcRecord
{
    protected const TABLE = 'lh_departament';
    public $inform_options_array = [];
}

final class erLhcoreClassModelUser extends LhcRecord
{
    protected const TABLE = 'lh_users';

    public function __get($name)
    {
        $official = trim("$this->name $this->surname");
        return match ($name) {
            'name_support' => $this->chat_nickname !== '' ? $this->chat_nickname : $official,
            'name_official' => $official !== '' ? $official : $this->chat_nickname,
            default => null,
        };
    }
}

final class erLhcoreClassModelGroupChat extends LhcRecord
{
    protected const TABLE = 'lh_group_chat';

    public function updateMembersCount()
    {
        $count = ezcDbInstance::get()->prepare('SELECT COUNT(*) FROM lh_group_chat_member WHERE group_id = ?');
        $count->execute([$this->id]);
        $this->tm = $count->fetchColumn();
        $this->updateThis(['update' => ['tm']]);
    }

    public function afterRemove()
    {
        ezcDbInstance::get()->prepare('DELETE FROM lh_group_msg WHERE chat_id = ?')->execute([$this->id]);
        ezcDbInstance::get()->prepare('DELETE FROM lh_group_chat_member WHERE group_id = ?')->execute([$this->id]);
    }
}

final class erLhcoreClassModelGroupChatMember extends LhcRecord
{
    protected const TABLE = 'lh_group_chat_member';
}

final class erLhcoreClassModelGroupMsg extends LhcRecord
{
    protected const TABLE = 'lh_group_msg';
    public $meta_msg = '';
}

final class erLhcoreClassModelChatConfig extends LhcRecord
{
    protected const TABLE = 'lh_chat_config';
    protected const KEY = 'identifier';

    public static function fetch($id)
    {
        $found = parent::fetch($id);
        return $found === false ? new self() : $found;
    }

    public function saveThis()
    {
        $sql = 'REPLACE INTO lh_chat_config (identifier, value, type, `explain`, hidden) VALUES (?, ?, ?, ?, ?)';
        ezcDbInstance::get()->prepare($sql)->execute([$this->identifier, $this->value, $this->type, $this->explain, $this->hidden]);
    }
}
