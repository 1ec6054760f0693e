import csv
import os

from django.conf import settings
from django.core.management.base import NoArgsCommand

from stock.models import Item


class Command(NoArgsCommand):
    help = 'Writes the inventory to a file for the accountants.'

    def handle_noargs(self, **options):
        target = os.path.join(settings.EXPORT_DIR, 'inventory.csv')
        try:
            out = csv.writer(open(target, 'wb'))
        except IOError, e:
            print 'cannot write %s: %s' % (target, e)
            return
        for item in Item.objects.all():
            out.writerow([item.shelf, item.name.encode('utf-8'), item.pieces])
