package Notes;
use Mojo::Base 'Mojolicious';

use Mojo::Pg;
use Notes::Model;

sub startup {
    my $self = shift;

    $self->secrets([$ENV{NOTES_SECRET} // 'only for development']);
    $self->config(hypnotoad => {listen => ['http://*:8080'], workers => 2});

    $self->helper(pg => sub { state $pg = Mojo::Pg->new($ENV{DATABASE_URL} // 'postgresql://notes@localhost/notes') });
    $self->helper(notes => sub { state $notes = Notes::Model->new(pg => shift->pg) });
    $self->pg->auto_migrate(1)->migrations->name('notes')->from_file($self->home->child('migrations', 'notes.sql'));

    my $r = $self->routes;
    $r->get('/health' => sub { my $c = shift; $c->pg->db->query('select 1'); $c->render(text => 'ok') });
    $r->get('/')->to('notes#index')->name('index');
    $r->post('/notes')->to('notes#store')->name('store');
}

1;
