<?php

declare(strict_types=1);

/** A MariaDB of the tests' own, reachable by a socket only; gone with them. */
final class TestMariadb
{
    private const START_SECONDS = 60;

    /** @var resource */
    private $process;

    private function __construct(private readonly string $dir)
    {
        $flags = [
            '--no-defaults',
            "--datadir=$dir/data",
            "--tmpdir=$dir",
            "--socket=$dir/s",
            "--pid-file=$dir/pid",
            "--log-error=$dir/log",
            '--skip-networking',
            '--skip-log-bin',
            // Nothing here outlives the tests.
            '--innodb-flush-log-at-trx-commit=0',
            '--innodb-flush-method=nosync',
            '--innodb-file-per-table=0',
            '--skip-innodb-doublewrite',
            '--skip-sync-frm',
            '--innodb-buffer-pool-size=32M',
            '--character-set-server=utf8mb4',
        ];
        if (posix_geteuid() === 0) {
            $flags[] = '--user=root';
        }
        $install = [self::program('mariadb-install-db'), ...$flags, '--auth-root-authentication-method=normal', '--skip-test-db'];
        self::wait(TestProcess::start($install, "$dir/install"), $install[0], "$dir/install");
        $this->process = TestProcess::start([self::program('mariadbd'), ...$flags], "$dir/out");
    }

    public static function start(): self
    {
        $dir = sys_get_temp_dir() . '/foyer-php-' . bin2hex(random_bytes(6));
        mkdir($dir, 0700);
        $server = new self($dir);
        register_shutdown_function($server->stop(...));
        return $server;
    }

    /** An empty database of this name, and a connection such as Live Helper Chat's. */
    public function database(string $name): LhcDatabase
    {
        $this->connect('')->exec("DROP DATABASE IF EXISTS $name; CREATE DATABASE $name CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        return $this->connect($name);
    }

    public function connect(string $name): LhcDatabase
    {
        $deadline = microtime(true) + self::START_SECONDS;
        for (;;) {
            try {
                $db = new LhcDatabase("mysql:unix_socket=$this->dir/s;dbname=$name;charset=utf8mb4", 'root', '', [
                    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
                    PDO::ATTR_CASE => PDO::CASE_LOWER,
                    PDO::ATTR_STRINGIFY_FETCHES => true,
                ]);
                $db->exec("SET SESSION sql_mode = 'STRICT_TRANS_TABLES'");
                return $db;
            } catch (PDOException $fault) {
                if (microtime(true) > $deadline || !proc_get_status($this->process)['running']) {
                    throw new RuntimeException("MariaDB doesn't answer: " . @file_get_contents("$this->dir/log"), 0, $fault);
                }
                usleep(20_000);
            }
        }
    }

    public function stop(): void
    {
        if (is_dir($this->dir)) {
            proc_terminate($this->process, 9);
            proc_close($this->process);
            self::remove($this->dir);
        }
    }

    /** @param resource $process */
    private static function wait($process, string $what, string $out): void
    {
        if (proc_close($process) !== 0) {
            throw new RuntimeException("$what failed: " . file_get_contents($out));
        }
    }

    private static function program(string $name): string
    {
        return TestProcess::find($name) ?? throw new RuntimeException("$name isn't installed: apt-get install mariadb-server-core");
    }

    private static function remove(string $path): void
    {
        foreach (is_dir($path) && !is_link($path) ? array_diff(scandir($path), ['.', '..']) : [] as $name) {
            self::remove("$path/$name");
        }
        is_dir($path) && !is_link($path) ? rmdir($path) : unlink($path);
    }
}
