<?php

declare(strict_types=1);

namespace Depot;

use Depot\Labels\Printer;
use NumberFormatter;
use PDO;

final class Parcels
{
    public function __construct(private PDO $db)
    {
    }

    /** @return array<int, array{code: string, weight: string}> */
    public function waiting(): array
    {
        $grams = new NumberFormatter('de_CH', NumberFormatter::DECIMAL);
        $out = [];
        foreach ($this->db->query('SELECT code, grams FROM parcels ORDER BY code') as $row) {
            $out[] = ['code' => $row['code'], 'weight' => $grams->format((int) $row['grams']) . ' g'];
        }

        return $out;
    }

    public function label(string $code): string
    {
        $file = dirname(__DIR__) . '/var/labels/' . preg_replace('/\W/', '', $code) . '.png';
        (new Printer())->draw($code, $file);

        return $file;
    }
}
