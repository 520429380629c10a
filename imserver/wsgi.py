"""The WSGI application: API, admin and documentation."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.prod")

application = get_wsgi_application()
