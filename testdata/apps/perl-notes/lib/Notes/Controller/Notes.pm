package Notes::Controller::Notes;
use Mojo::Base 'Mojolicious::Controller';

sub index { my $self = shift; $self->render(notes => $self->notes->all) }

sub store {
    my $self = shift;
    my $v = $self->validation;
    $v->required('title');
    $v->required('body');
    return $self->render(action => 'index', notes => $self->notes->all) if $v->has_error;
    $self->notes->add($v->param('title'), $v->param('body'));
    $self->redirect_to('index');
}

1;
