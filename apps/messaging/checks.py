"""What is looked at before the server starts, besides what Django looks at."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string


@register
def the_bell_can_be_made(**kwargs: Any) -> Sequence[CheckMessage]:
    """Otherwise the first send would find out, after its commit."""
    try:
        import_string(settings.IM_BELL)()
    except (ImportError, ImproperlyConfigured) as error:
        return [Error(f"IM_BELL, {settings.IM_BELL}: {error}", id="messaging.E001")]
    return []
