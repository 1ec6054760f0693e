from django.db import models


class Ticket(models.Model):
    OPEN = 'open'
    CLOSED = 'closed'

    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    state = models.CharField(max_length=10, default=OPEN, choices=[(OPEN, 'open'), (CLOSED, 'closed')])
    attachment = models.FileField(upload_to='attachments', blank=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ['-changed']

    def __str__(self):
        return self.title
