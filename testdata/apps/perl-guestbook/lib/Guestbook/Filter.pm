package Guestbook::Filter;

use strict;
use warnings;

# One line of text without control characters, at most 500 characters.
sub clean {
    my $text = shift;
    return '' unless defined $text;
    $text =~ s/[\x00-\x1f\x7f]+/ /g;
    $text =~ s/^\s+|\s+$//g;
    return substr $text, 0, 500;
}

1;
