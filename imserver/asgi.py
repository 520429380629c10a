"""The ASGI application: sockets, event streams and long-polls on the event loop, the rest in threads."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imserver.settings.prod")

from imserver.wsgi import application as wsgi_application  # sets Django up, for what follows

from apps.realtime.asgi import in_front_of  # isort: skip
from imserver.bridge import Bridge  # isort: skip

application = in_front_of(Bridge(wsgi_application))
