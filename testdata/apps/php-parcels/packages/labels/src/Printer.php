<?php

declare(strict_types=1);

namespace Depot\Labels;

/** Draws the label that is stuck on a parcel. */
final class Printer
{
    public function draw(string $code, string $file): void
    {
        $image = imagecreatetruecolor(320, 120);
        imagefill($image, 0, 0, imagecolorallocate($image, 255, 255, 255));
        imagestring($image, 5, 20, 50, $code, imagecolorallocate($image, 0, 0, 0));
        imagepng($image, $file);
    }
}
