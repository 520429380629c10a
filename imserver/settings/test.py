"""For the test suite: what is slow on purpose is made fast; nothing else differs."""

from imserver.settings.base import *  # noqa: F403
from imserver.settings.base import INSTALLED_APPS, PASSWORD_HASHERS, STORAGES

# Not in dev: `make run` installs nothing that only developers need.
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]

SECRET_KEY = "tests only: nothing outside a test is signed with it"  # noqa: S105
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["apps.accounts.passwords.FastArgon2Hasher", *PASSWORD_HASHERS[1:]]
IM_APP_CACHE_SECONDS = 3
# Tests that run at once have databases of their own.
IM_MARKS_FILE = None
# Tests about the disk, or S3, bring their own.
STORAGES = {**STORAGES, "media": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
