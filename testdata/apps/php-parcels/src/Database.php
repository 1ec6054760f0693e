<?php

declare(strict_types=1);

namespace Depot;

use PDO;

/** The connection, from DATABASE_HOST and its neighbours. */
final class Database
{
    public static function open(): PDO
    {
        $dsn = sprintf('pgsql:host=%s;port=%s;dbname=%s', getenv('DATABASE_HOST') ?: 'localhost', getenv('DATABASE_PORT') ?: '5432', getenv('DATABASE_NAME') ?: 'parcels');

        return new PDO($dsn, getenv('DATABASE_USER') ?: 'parcels', getenv('DATABASE_PASSWORD') ?: '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
    }
}
