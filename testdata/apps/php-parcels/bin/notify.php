#!/usr/bin/env php
<?php

declare(strict_types=1);

require dirname(__DIR__) . '/vendor/autoload.php';

// Tells the people whose parcels wait, every minute, until it is told to stop.
pcntl_async_signals(true);
pcntl_signal(SIGTERM, static function (): void {
    exit(0);
});
$db = Depot\Database::open();
while (true) {
    $told = $db->exec('UPDATE parcels SET told = true WHERE NOT told');
    error_log("$told people told");
    sleep(60);
}
