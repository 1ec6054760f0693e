#!/usr/bin/perl -w
use strict;
use CGI qw(:standard);
use HTML::Template;
use Fcntl qw(:flock);

require "settings.pl";
use lib '../lib';
use Guestbook::Filter;

our ($title, $per_page);
my $book = '../data/entries.txt';

my $q = CGI->new;
if (request_method() eq 'POST') {
    my $name = Guestbook::Filter::clean($q->param('name'));
    my $text = Guestbook::Filter::clean($q->param('text'));
    if (length $name && length $text) {
        open(BOOK, ">>$book") or die "cannot write $book: $!";
        flock(BOOK, LOCK_EX);
        print BOOK join("\t", time, $name, $text), "\n";
        close BOOK;
    }
    print redirect('/cgi-bin/guestbook.cgi');
    exit;
}

my @entries;
if (open(BOOK, "<$book")) {
    while (my $line = <BOOK>) {
        chomp $line;
        my ($when, $name, $text) = split /\t/, $line, 3;
        unshift @entries, { when => scalar localtime $when, name => $name, text => $text };
    }
    close BOOK;
}
splice @entries, $per_page if @entries > $per_page;

my $page = HTML::Template->new(filename => 'guestbook.tmpl', die_on_bad_params => 0);
$page->param(title => $title, entries => \@entries, contact => $ENV{GUESTBOOK_CONTACT} || 'choir@example.org');
print header(-charset => 'utf-8'), $page->output;
