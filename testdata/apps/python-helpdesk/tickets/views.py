from django.http import HttpResponse
from django.shortcuts import redirect, render

from tickets.forms import TicketForm
from tickets.models import Ticket
from tickets.tasks import announce


def health(request):
    return HttpResponse('%d tickets\n' % Ticket.objects.count(), content_type='text/plain')


def ticket_list(request):
    return render(request, 'tickets/list.html', {'tickets': Ticket.objects.all()[:50], 'form': TicketForm()})


def ticket_create(request):
    form = TicketForm(request.POST, request.FILES)
    if form.is_valid():
        announce.delay(form.save().pk)
    return redirect('ticket-list')
