<?php

/**
 * Live Helper Chat loads this on every request: it names the listeners, looks whether the request is one without events (typing, group chats), and does nothing else. Classes and settings are read when an event happens.
 */
#[\AllowDynamicProperties]
class erLhcoreClassExtensionFoyer
{
    public function __construct()
    {
    }

    public function run()
    {
        spl_autoload_register(static function (string $class): void {
            $file = __DIR__ . '/../classes/' . $class . '.php';
            if (str_starts_with($class, 'Foyer') && preg_match('/^[A-Za-z]+\z/', $class) && is_file($file)) {
                require_once $file;
            }
        });
        FoyerListeners::register(erLhcoreClassChatEventDispatcher::getInstance());
        FoyerTyping::watch((string) ($_SERVER['REQUEST_URI'] ?? ''));
        FoyerGroupEvents::watch((string) ($_SERVER['REQUEST_URI'] ?? ''));
    }
}
