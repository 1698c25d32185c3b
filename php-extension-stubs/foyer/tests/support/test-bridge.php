<?php

declare(strict_types=1);

/** A bridge that remembers what it was asked: a real HTTP server, so that what goes over the wire is what is looked at. */
final class TestBridge
{
    public readonly string $url;
    private readonly string $dir;
    /** @var resource|null */
    private $process = null;
    private int $port = 0;

    public function __construct()
    {
        $this->dir = sys_get_temp_dir() . '/foyer-bridge-' . bin2hex(random_bytes(6));
        mkdir($this->dir, 0700);
        register_shutdown_function(function (): void {
            $this->stop();
            array_map('unlink', glob("$this->dir/*"));
            rmdir($this->dir);
        });
        $this->answer([]);
        $this->start();
        $this->url = "http://127.0.0.1:$this->port";
    }

    public function start(): void
    {
        for ($try = 0; $try < 5 && $this->process === null; $try += 1) {
            $this->port = $this->port !== 0 ? $this->port : self::freePort();
            $command = [PHP_BINARY, '-n', '-S', "127.0.0.1:$this->port", __DIR__ . '/../site/bridge.php'];
            $process = TestProcess::start($command, '/dev/null', ['FOYER_TEST_DIR' => $this->dir]);
            while (proc_get_status($process)['running']) {
                $socket = @stream_socket_client("tcp://127.0.0.1:$this->port", $code, $text, 1);
                if ($socket !== false) {
                    fclose($socket);
                    $this->process = $process;
                    return;
                }
                usleep(10_000);
            }
        }
        throw new RuntimeException('the test bridge does not start');
    }

    public function stop(): void
    {
        if ($this->process !== null) {
            proc_terminate($this->process, 9);
            proc_close($this->process);
            $this->process = null;
        }
    }

    /**
     * The first pattern that fits a call answers it; behind these are the answers of a bridge where all is well.
     *
     * @param list<array{string, int, array<string, mixed>, float}> $answers pattern over "METHOD /path", status, body, seconds
     */
    public function answer(array $answers): void
    {
        $message = ['message' => ['number' => 2]];
        $well = [
            ['#^POST /chats$#', 201, ['chat' => ['id' => 70], 'message' => ['number' => 1]], 0],
            ['#^POST /chats/\d+/messages$#', 202, $message, 0],
            ['#^POST /chats/\d+/close$#', 200, [], 0],
            ['#^GET /desks$#', 200, ['desks' => [['key' => 'lhc-1', 'department' => 5]]], 0],
            ['#^POST /desks$#', 201, ['desk' => ['id' => 9]], 0],
            ['#^POST /departments$#', 201, ['department' => ['id' => 6]], 0],
            ['#^POST /operators$#', 201, ['operator' => ['id' => 40, 'jid' => 'ada@chat.example']], 0],
            ['#^POST /rooms$#', 201, ['room' => ['id' => 90]], 0],
            ['#^POST /rooms/\d+/messages$#', 202, $message, 0],
            ['#^GET /rooms/#', 200, ['room' => ['state' => 'chatting']], 0],
            ['#^GET /visitors/#', 200, ['visitor' => ['online' => true]], 0],
            ['#^(PUT|PATCH|DELETE|POST) /#', 200, [], 0],
        ];
        file_put_contents("$this->dir/answers", json_encode([...$answers, ...$well]));
    }

    /** @return list<array{call: string, body: array<string, mixed>|null, key: string|null, authorization: string|null}> since the last time */
    public function asked(): array
    {
        $lines = is_file("$this->dir/asked") ? file("$this->dir/asked", FILE_IGNORE_NEW_LINES) : [];
        @unlink("$this->dir/asked");
        return array_map(static fn (string $line): array => json_decode($line, true), $lines);
    }

    /** @return list<string> */
    public function calls(): array
    {
        return array_column($this->asked(), 'call');
    }

    private static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr(strrchr(stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        return $port;
    }
}
