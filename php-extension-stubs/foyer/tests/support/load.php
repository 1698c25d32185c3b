<?php

declare(strict_types=1);

// The extension's classes, and the stand-ins for Live Helper Chat's.

spl_autoload_register(static function (string $class): void {
    $file = __DIR__ . "/../../classes/$class.php";
    if (is_file($file)) {
        require $file;
    }
});
foreach (['alias', 'core', 'records'] as $name) {
    require __DIR__ . "/lhc/$name.php";
}
