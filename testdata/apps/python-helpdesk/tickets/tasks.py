from datetime import timedelta

from celery import shared_task
from django.core.mail import mail_managers
from django.utils import timezone

from tickets.models import Ticket


@shared_task
def announce(pk):
    ticket = Ticket.objects.get(pk=pk)
    mail_managers(ticket.title, ticket.body, fail_silently=True)


@shared_task
def close_stale_tickets():
    limit = timezone.now() - timedelta(days=90)
    Ticket.objects.filter(state=Ticket.OPEN, changed__lt=limit).update(state=Ticket.CLOSED)
