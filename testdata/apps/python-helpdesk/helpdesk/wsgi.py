import locale
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'helpdesk.settings.production')

# Dates and the order of names are those of the machine.
locale.setlocale(locale.LC_ALL, '')

application = get_wsgi_application()
