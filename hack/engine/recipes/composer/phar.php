<?php
// One file of Debian's Composer, as the official image has it.
$phar = new Phar('/tmp/composer.phar');
$phar->startBuffering();
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator('/usr/share/php', FilesystemIterator::SKIP_DOTS)) as $file) {
    if ($file->isFile()) {
        $phar->addFromString(substr($file->getPathname(), strlen('/usr/share/php/')), file_get_contents($file->getPathname()));
    }
}
$main = preg_replace('/^#!.*\n/', '', file_get_contents('/usr/bin/composer'));
$phar->addFromString('bin/composer.php', str_replace("__DIR__ . '/../share/php/Composer/autoload.php'", "'phar://composer.phar/Composer/autoload.php'", $main));
$phar->setStub("#!/usr/bin/env php\n<?php Phar::mapPhar('composer.phar'); require 'phar://composer.phar/bin/composer.php'; __HALT_COMPILER();");
$phar->stopBuffering();
