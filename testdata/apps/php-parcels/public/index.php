<?php

declare(strict_types=1);

use Depot\Database;
use Depot\Parcels;

require dirname(__DIR__) . '/vendor/autoload.php';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$parcels = new Parcels(Database::open());
if (preg_match('#^/labels/(\w+)\.png$#', $path, $m)) {
    header('Content-Type: image/png');
    readfile($parcels->label($m[1]));

    return;
}
if ($path !== '/') {
    http_response_code(404);
    echo 'Not here.';

    return;
}
$waiting = $parcels->waiting();
?>
<!doctype html>
<title>Parcels</title>
<link rel="stylesheet" href="/build/app.css">
<script src="/build/app.js" defer></script>
<h1><?= count($waiting) ?> parcels wait</h1>
<ul>
<?php foreach ($waiting as $p) { ?>
  <li><a href="/labels/<?= htmlspecialchars($p['code']) ?>.png"><?= htmlspecialchars($p['code']) ?></a>, <?= $p['weight'] ?></li>
<?php } ?>
</ul>
