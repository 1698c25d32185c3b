<?php

declare(strict_types=1);

// Stands for what Composer makes of Live Helper Chat's composer.json: its own classes are found, the libraries of others aren't there.

spl_autoload_register(static function (string $class): void {
    static $map = null;
    $root = dirname(__DIR__, 2);
    $map ??= (static function () use ($root): array {
        $kept = __DIR__ . '/classmap.php';
        if (is_file($kept)) {
            return require $kept;
        }
        $found = [];
        foreach (['lib/core', 'lib/models'] as $folder) {
            foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator("$root/$folder", FilesystemIterator::SKIP_DOTS)) as $file) {
                $code = $file->getExtension() === 'php' ? (string) file_get_contents($file->getPathname()) : '';
                $namespace = preg_match('/^\s*namespace\s+([\w\\\\]+)\s*;/m', $code, $match) ? "$match[1]\\" : '';
                preg_match_all('/^\s*(?:final\s+|abstract\s+)*(?:class|interface|trait)\s+(\w+)/m', $code, $names);
                foreach ($names[1] as $name) {
                    $found[$namespace . $name] ??= $file->getPathname();
                }
            }
        }
        file_put_contents($kept, '<?php return ' . var_export($found, true) . ';');
        return $found;
    })();
    $file = $map[$class] ?? '';
    foreach (['LiveHelperChat', 'Pachico', 'enshrined'] as $vendor) {
        if (str_starts_with($class, "$vendor\\")) {
            $file = "$root/lib/vendor_lhc/" . strtr($class, '\\', '/') . '.php';
        }
    }
    if (str_starts_with($class, 'LiveHelperChatExtension\\')) {
        $file = "$root/extension/" . strtr(substr($class, 24), '\\', '/') . '.php';
    }
    if ($file !== '' && is_file($file)) {
        require_once $file;
    }
});
