"""For trying it and for development: `make run` and manage.py use this unless told otherwise."""

from imserver import env
from imserver.settings.base import *  # noqa: F403
from imserver.settings.base import SECRET_KEY

SECRET_KEY = SECRET_KEY or env.secret_key(env.var_directory() / "secret_key")
DEBUG = env.boolean("DEBUG", False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["*"])
