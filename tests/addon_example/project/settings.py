"""The server's settings, and the diary. One's own would start from `imserver.settings.prod`."""

from imserver.settings.test import *  # noqa: F403
from imserver.settings.test import IM_MESSAGE_FILTERS, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.addon_example.diary"]
IM_MESSAGE_FILTERS = [*IM_MESSAGE_FILTERS, "tests.addon_example.diary.filters.calm"]
ROOT_URLCONF = "tests.addon_example.project.urls"
