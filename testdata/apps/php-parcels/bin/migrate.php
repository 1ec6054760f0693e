#!/usr/bin/env php
<?php

declare(strict_types=1);

require dirname(__DIR__) . '/vendor/autoload.php';

$db = Depot\Database::open();
foreach (glob(dirname(__DIR__) . '/migrations/*.sql') as $file) {
    $db->exec(file_get_contents($file));
    echo basename($file), "\n";
}
