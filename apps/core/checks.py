"""What is looked at before the server starts, besides what Django looks at."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from apps.core.client_address import networks


@register
def the_trusted_proxies_are_addresses(**kwargs: Any) -> Sequence[CheckMessage]:
    """Otherwise the first log-in would find out."""
    try:
        networks(tuple(settings.IM_TRUSTED_PROXIES))
    except ImproperlyConfigured as error:
        return [Error(str(error), id="core.E001")]
    return []
