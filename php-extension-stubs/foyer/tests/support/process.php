<?php

declare(strict_types=1);

/** Programs that the tests start. They end with them, however those end. */
final class TestProcess
{
    /**
     * @param list<string> $command
     * @param array<string, string>|null $environment null: the tests' own
     * @return resource
     */
    public static function start(array $command, string $out, ?array $environment = null)
    {
        $setpriv = self::find('setpriv');
        $guarded = $setpriv === null ? $command : [$setpriv, '--pdeathsig', 'KILL', ...$command];
        $process = proc_open($guarded, [['file', '/dev/null', 'r'], ['file', $out, 'a'], ['file', $out, 'a']], $pipes, null, $environment);
        return is_resource($process) ? $process : throw new RuntimeException("can't start $command[0]");
    }

    public static function find(string $name): ?string
    {
        foreach ([...explode(':', (string) getenv('PATH')), '/usr/sbin', '/usr/bin', '/usr/local/sbin'] as $dir) {
            if ($dir !== '' && is_executable("$dir/$name")) {
                return "$dir/$name";
            }
        }
        return null;
    }

    /** A signal ends the tests as their own end does: with what is registered for it. */
    public static function endOnSignals(): void
    {
        if (function_exists('pcntl_async_signals')) {
            pcntl_async_signals(true);
            foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
                pcntl_signal($signal, static fn () => exit(1));
            }
        }
    }
}
