package Notes::Model;
use Mojo::Base -base;

has 'pg';

sub all { shift->pg->db->query('select id, title, body from notes order by id desc limit 50')->hashes->to_array }

sub add {
    my ($self, $title, $body) = @_;
    return $self->pg->db->query('insert into notes (title, body) values (?, ?) returning id', $title, $body)->hash->{id};
}

1;
