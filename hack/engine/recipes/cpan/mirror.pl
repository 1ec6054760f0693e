# Usage: mirror.pl IN OUT: the modules of every package in IN become a distribution in OUT/authors/id/D/DE/DEBIAN, and
# OUT/modules/02packages.details.txt.gz says which of them holds which module: what cpanm and Carton read.
use strict;
use warnings;
use Cwd qw(abs_path);
use Data::Dumper;
use File::Copy qw(copy);
use File::Find;
use File::Path qw(make_path remove_tree);
use IO::Compress::Gzip qw(gzip $GzipError);
use Module::Metadata;

$Data::Dumper::Terse = $Data::Dumper::Sortkeys = 1;

# What the real distribution's Makefile.PL asks the system for, beyond a compiler.
my %HEADERS = ('DBD-Pg' => 'libpq-fe.h', 'DBD-mysql' => 'mysql.h');
my $FLAGS = '$(pg_config --cflags 2>/dev/null; pg_config --includedir 2>/dev/null | sed s/^/-I/; mysql_config --include 2>/dev/null)';

my ($in, $out) = @ARGV;
my $author = 'D/DE/DEBIAN';
make_path("$out/authors/id/$author", "$out/modules");
$_ = abs_path($_) for $in, $out;

# The packages, each with its files: path below lib -> file, native ones apart.
my (%package, %provides);
for my $deb (sort glob "$in/*.deb") {
    my ($name, $version, $depends, $homepage) = map { chomp(my $v = `dpkg-deb -f $deb $_`); $v } qw(Package Version Depends Homepage);
    my $root = "/tmp/x/$name";
    make_path($root);
    system('dpkg-deb', '-x', $deb, $root) == 0 or die "unpack $deb\n";
    my %p = (depends => [map { /^\s*([\w.+-]+)/ } split /[,|]/, $depends]);
    ($p{dist}) = $homepage =~ m{/(?:release|dist)/([\w-]+)};
    ($p{version}) = $version =~ /^(?:\d+:)?v?([\d.]*\d)/;
    find({no_chdir => 1, wanted => sub {
        return unless -f;
        my $path = $_;
        if ($path =~ m{/usr/share/perl5/(.+)}) { $p{lib}{$1} = $path }
        elsif ($path =~ m{/usr/lib/[^/]+/perl5/[\d.]+/(.+)}) { $p{arch}{$1} = $path }
        elsif ($path =~ m{/usr/bin/(.+)}) { $p{bin}{$1} = $path }
    }}, $root);
    for my $file (sort { length $a <=> length $b || $a cmp $b } grep /\.pm$/, map { keys %$_ } grep defined, @p{qw(lib arch)}) {
        my $meta = Module::Metadata->new_from_file($p{lib}{$file} // $p{arch}{$file}) or next;
        for my $module (grep { $_ ne 'main' && !/^_/ } $meta->packages_inside) {
            my $v = $meta->version($module);
            $p{modules}{$module} //= defined $v ? $v->stringify : undef;
            (my $own = "$module.pm") =~ s{::}{/}g;
            $p{main} //= $module if $own eq $file;
        }
    }
    next unless $p{main};
    $p{dist} //= $p{main} =~ s/::/-/gr;
    (my $like = $p{dist}) =~ s/-/::/g;
    $p{main} = $like if exists $p{modules}{$like};
    $package{$name} = \%p;
}

my %index;
for my $name (sort keys %package) {
    my $p = $package{$name};
    my $dist = "$p->{dist}-$p->{version}";
    my $dir = "/tmp/d/$dist";
    my %pm;
    for my $kind (qw(lib arch)) {
        for my $file (sort keys %{$p->{$kind} // {}}) {
            my $to = "$kind/$file";
            make_path("$dir/" . $to =~ s{/[^/]+$}{}r);
            copy($p->{$kind}{$file}, "$dir/$to") or die "copy $file: $!\n";
            $pm{$to} = ($kind eq 'lib' ? '$(INST_LIB)' : '$(INST_ARCHLIB)') . "/$file";
        }
    }
    my @bin;
    for my $file (sort keys %{$p->{bin} // {}}) {
        make_path("$dir/bin");
        copy($p->{bin}{$file}, "$dir/bin/$file") or die "copy $file: $!\n";
        push @bin, "bin/$file";
    }
    my %needs = map { $package{$_}{main} => 0 } grep { $package{$_} && $_ ne $name } @{$p->{depends}};
    my $header = $HEADERS{$p->{dist}} // 'EXTERN.h';
    my $check = grep(/\.so$/, keys %pm)
        ? "my \$core = \"\$Config::Config{archlibexp}/CORE\";\nsystem(qq{echo '#include <$header>' | cc -I\$core $FLAGS -E -x c - >/dev/null}) == 0 or die \"cannot compile: no compiler, or no $header\\n\";\n" =~ s/\$\(/\\\$(/gr
        : '';
    open my $fh, '>', "$dir/Makefile.PL" or die "$dir: $!\n";
    print $fh "use Config;\nuse ExtUtils::MakeMaker;\n${check}WriteMakefile(%{", Dumper({NAME => $p->{main}, VERSION => $p->{version}, PM => \%pm, PREREQ_PM => \%needs, EXE_FILES => \@bin, MAN1PODS => {}, MAN3PODS => {}, C => [], XS => {}, OBJECT => '', LINKTYPE => 'dynamic', NO_META => 1}), "});\n";
    close $fh;
    system('tar', '-czf', "$out/authors/id/$author/$dist.tar.gz", '-C', '/tmp/d', $dist) == 0 or die "tar $dist\n";
    $index{$_} //= [$p->{modules}{$_}, $dist] for keys %{$p->{modules}};
}

my $count = keys %index;
my $text = "File: 02packages.details.txt\nURL: file://$out/modules/02packages.details.txt\nDescription: Modules of Debian's packages\n"
    . "Columns: package name, version, path\nIntended-For: installers\nWritten-By: mirror.pl\nLine-Count: $count\nLast-Updated: Thu, 01 Jan 2026 00:00:00 GMT\n\n"
    . join '', map { sprintf "%-40s %10s  %s\n", $_, $index{$_}[0] // 'undef', "$author/$index{$_}[1].tar.gz" } sort keys %index;
gzip \$text => "$out/modules/02packages.details.txt.gz" or die "gzip: $GzipError\n";
print "$count modules\n";
