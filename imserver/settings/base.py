"""Every setting, with its unit and effect. Values come from the environment; `imserver.env` reads them."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from imserver import database, env, storages
from imserver.settings.unfold import UNFOLD as UNFOLD

ROOT = Path(__file__).resolve().parents[2]

SECRET_KEY = env.text("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [])
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "apps.core.adminkit.config.ConsoleAdminConfig",
    "apps.core",  # before Django's own commands, some of which it notes in the audit
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "apps.accounts",
    "apps.groups",
    "apps.messaging",
    "apps.realtime",
    "apps.webhooks",
    "apps.console",
]

MIDDLEWARE = [
    "apps.core.middleware.LenientPath",
    "django.middleware.security.SecurityMiddleware",
    "apps.core.middleware.PageFiles",
    "apps.core.middleware.PageSessions",
    "apps.core.middleware.PageLanguage",
    "apps.core.middleware.PageCommon",
    "apps.core.middleware.PageForms",
    "apps.core.middleware.PageOperators",
    "apps.core.middleware.PageMessages",
    "apps.core.middleware.PageFrames",
]

# They look for Django's own classes by name: PageFrames and PageForms are these, for pages only.
SILENCED_SYSTEM_CHECKS = ["security.W002", "security.W003"]

ROOT_URLCONF = "imserver.urls"
WSGI_APPLICATION = "imserver.wsgi.application"
ASGI_APPLICATION = "imserver.asgi.application"
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# PostgreSQL only. Without DATABASE_URL, manage.py starts an embedded one in var/ and sets it.
DATABASES = database.databases(env.text("DATABASE_URL", ""))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Operator"
AUTHENTICATION_BACKENDS = ["apps.accounts.roles.RoleBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
CSRF_FAILURE_VIEW = "apps.core.failures.forged"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The first hashes; the others are for the MD5s of imported users until their first log-in.
PASSWORD_HASHERS = [
    "apps.accounts.passwords.Argon2Hasher",
    "apps.accounts.passwords.KeyedMd5Hasher",
    "apps.accounts.passwords.WrappedMd5Hasher",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [ROOT / "locale"]
FORMAT_MODULE_PATH = ["imserver.formats"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
# Served from where the packages keep them; `prod` collects them first.
WHITENOISE_USE_FINDERS = True

# Uploads are on the local disk, or in what speaks S3; static files where the packages keep them.
STORAGES = storages.storages()

# The largest request body, in bytes. 500 registrations with every field at its limit fit.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("IM_BODY_MAX_BYTES", 4 * 1024 * 1024, minimum=65536)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.core.authentication.AppBasicAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.core.permissions.IsAppServer"],
    "DEFAULT_THROTTLE_CLASSES": ["apps.core.api.throttling.AppThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.api.renderers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.core.api.renderers.JsonAlways",
    "DEFAULT_SCHEMA_CLASS": "apps.core.api.schema.ImSchema",
    "EXCEPTION_HANDLER": "apps.core.api.exceptions.handle",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "imserver",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": True,
        "displayRequestDuration": True,
        "defaultModelsExpandDepth": 0,
        "validatorUrl": None,  # it would send the document to another server
    },
    "SORT_OPERATION_PARAMETERS": False,
    "SCHEMA_PATH_PREFIX": r"/v[12]",
    "PREPROCESSING_HOOKS": ["apps.core.api.schema_hooks.versioned_paths_only"],
    "POSTPROCESSING_HOOKS": ["apps.core.api.schema_hooks.with_introduction"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # A refused call is the caller's news, not the operator's.
        "django.request": {"level": "ERROR"},
        # A name that is none of ours is refused; whoever scans for servers must not fill the log.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}

# --- The product's own settings -------------------------------------------------------------------

# Paths that are pages for people and keep Django's own rules about slashes.
IM_PAGE_PREFIXES = ("/admin/", "/docs/", "/chat/", "/static/", "/i18n/")

# The dialect of refusals to callers whose app is not known: "2015-02" or "v1".
IM_DEFAULT_API_VERSION = env.choice("IM_DEFAULT_API_VERSION", "2015-02", ["2015-02", "v1"])

# Calls an app may make in a minute unless it says otherwise. 0: no limit.
IM_CALLS_PER_MINUTE = env.integer("IM_CALLS_PER_MINUTE", 6000, minimum=0)

# Seconds for which a process remembers an app and its secrets. Suspending an app or ending a secret takes
# effect at once on the machine that does it, and everywhere within this time. 0: ask the database at every
# request.
IM_APP_CACHE_SECONDS = env.integer("IM_APP_CACHE_SECONDS", 3, minimum=0, maximum=300)

# Where the processes of a machine tell each other that an app has changed. None: each is on its own.
IM_MARKS_FILE: Path | None = env.var_directory() / "app-marks"

# Seconds for which the secret before stays good after a rotation.
IM_SECRET_GRACE_SECONDS = env.integer("IM_SECRET_GRACE_SECONDS", 86400, minimum=0)

# Threads of each process that hash passwords; 0: one per processor. They run at a lower priority, so that
# a batch of registrations leaves the processors to sends.
IM_PASSWORD_THREADS = env.integer("IM_PASSWORD_THREADS", 0, minimum=0, maximum=64)

# Members that a chatroom may have, set when it is created.
IM_CHATROOM_MAX_MEMBERS = env.integer("IM_CHATROOM_MAX_MEMBERS", 10_000, minimum=1)

# Chatrooms that one user may be in at once: each costs a probe of an index whenever they sync.
IM_CHATROOMS_PER_USER = env.integer("IM_CHATROOMS_PER_USER", 100, minimum=1)

# Seconds that a reader may be away between two reads and still counts as there: for so long they are not
# left out of what only those present are told (chatrooms, messages with no_offline).
IM_ABSENCE_SECONDS = env.integer("IM_ABSENCE_SECONDS", 30, minimum=1)

# The largest msg_body accepted, in UTF-8 bytes of its compact JSON. The protocol documents 4096: a client
# written to the protocol need not accept more, so raise it with the clients.
IM_MESSAGE_BODY_MAX_BYTES = env.integer("IM_MESSAGE_BODY_MAX_BYTES", 4096, minimum=64)

# Run over every draft, in order, before it is stored. Each entry is the dotted path of a `MessageFilter`;
# an add-on app adds its own to the end.
IM_MESSAGE_FILTERS = ["apps.messaging.filters.sensitive_words"]

# The largest file that can be uploaded, in bytes. The final API documents 8 MB.
IM_MEDIA_MAX_BYTES = env.integer("IM_MEDIA_MAX_BYTES", 8 * 1024 * 1024, minimum=1024)

# The most pixels that an uploaded image may have: what unpacking a small file can cost in memory.
IM_MEDIA_MAX_PIXELS = env.integer("IM_MEDIA_MAX_PIXELS", 50_000_000, minimum=1)

# Seconds for which a link to an upload is good.
IM_MEDIA_LINK_SECONDS = env.integer("IM_MEDIA_LINK_SECONDS", 3600, minimum=1)

# Days since the last upload of a file after which it is removed in the background if no message, profile or
# group refers to it. 0: never.
IM_MEDIA_UNUSED_DAYS = env.integer("IM_MEDIA_UNUSED_DAYS", 30, minimum=0)

# Hours from the end of a search for such files to the next one, in the same app.
IM_MEDIA_PURGE_HOURS = env.integer("IM_MEDIA_PURGE_HOURS", 24, minimum=1)

# Files a client may upload in a minute, counted per process.
IM_CLIENT_UPLOADS_PER_MINUTE = env.integer("IM_CLIENT_UPLOADS_PER_MINUTE", 30, minimum=1)

# Where links lead to, as in https://im.example.com. Without it: the address that the request was sent to.
IM_PUBLIC_URL = env.text("IM_PUBLIC_URL", "").rstrip("/")

# The longest a long-poll may wait, in seconds. Proxies in front must allow for more.
IM_LONG_POLL_MAX_SECONDS = env.integer("IM_LONG_POLL_MAX_SECONDS", 60, minimum=1, maximum=600)

# A Redis for the bell, as in redis://:password@host:6379, rediss:// for TLS, unix:///path. Without one,
# PostgreSQL carries the bell.
IM_REDIS_URL = env.secret("IM_REDIS_URL", "")

# How the news of an appended row reaches waiting readers: the dotted path of a `Bell`.
IM_BELL = env.text("IM_BELL", "") or (
    "apps.messaging.bells.redis.RedisBell"
    if IM_REDIS_URL
    else "apps.messaging.bells.postgres.PostgresBell"
)

# Seconds that a client's token lasts; a client renews it before.
IM_SESSION_SECONDS = env.integer("IM_SESSION_SECONDS", 30 * 86400, minimum=60)

# Sessions a user may have at once; a log-in beyond ends the oldest.
IM_SESSIONS_PER_USER = env.integer("IM_SESSIONS_PER_USER", 20, minimum=1)

# Failed log-ins after which further ones must wait: for one user, and from one address (which may be that of
# many people). The wait doubles with each failure, from one second to IM_LOGIN_MEMORY_SECONDS.
IM_LOGIN_FAILURES_PER_USER = env.integer("IM_LOGIN_FAILURES_PER_USER", 5, minimum=1)
IM_LOGIN_FAILURES_PER_ADDRESS = env.integer("IM_LOGIN_FAILURES_PER_ADDRESS", 50, minimum=1)

# Proxies whose X-Forwarded-For is believed, as addresses or networks (192.0.2.0/24). Without them all who
# come through a proxy count as one address.
IM_TRUSTED_PROXIES = env.words("IM_TRUSTED_PROXIES", [])

# Seconds without a failure after which earlier ones are forgotten.
IM_LOGIN_MEMORY_SECONDS = env.integer("IM_LOGIN_MEMORY_SECONDS", 900, minimum=1)

# Messages a client may send in a minute, counted per process. The final API's own limit is 60.
IM_CLIENT_SENDS_PER_MINUTE = env.integer("IM_CLIENT_SENDS_PER_MINUTE", 60, minimum=1)

# Users on one list of a user, at most: friends, blocked, those who do not disturb them.
IM_RELATIONS_PER_USER = env.integer("IM_RELATIONS_PER_USER", 5000, minimum=1)

# Seconds after the last beat of a gateway at which its users count as offline: this long after a crash.
IM_PRESENCE_SECONDS = env.integer("IM_PRESENCE_SECONDS", 15, minimum=3)

# Seconds within which a sent message can be retracted.
IM_RETRACT_SECONDS = env.integer("IM_RETRACT_SECONDS", 180, minimum=0)

# Seconds for which a typed reason opens one conversation to the operator who gave it.
IM_READING_SECONDS = env.integer("IM_READING_SECONDS", 900, minimum=60)

# Connections that follow the log: of one user, and of one process.
IM_CONNECTIONS_PER_USER = env.integer("IM_CONNECTIONS_PER_USER", 20, minimum=1)
IM_CONNECTIONS_PER_PROCESS = env.integer("IM_CONNECTIONS_PER_PROCESS", 10_000, minimum=1)

# Seconds that a connection may take nothing of what it is sent before it is cut off.
IM_SLOW_READER_SECONDS = env.integer("IM_SLOW_READER_SECONDS", 20, minimum=1)

# Origins besides the server's own from which a browser may open a WebSocket: https://chat.example.com, or *.
IM_ALLOWED_ORIGINS = env.words("IM_ALLOWED_ORIGINS", [])

# Seconds after which a waiting reader looks again although no bell has rung: a lost ring costs this much.
IM_SAFETY_SECONDS = env.integer("IM_SAFETY_SECONDS", 5, minimum=1, maximum=60)

# Whether every operator has to set up a second factor before anything else.
IM_TWO_FACTOR_REQUIRED = env.boolean("IM_TWO_FACTOR_REQUIRED", False)

# Seconds after which an operator is logged out: since their last page, and since they logged in.
IM_CONSOLE_IDLE_SECONDS = env.integer("IM_CONSOLE_IDLE_SECONDS", 3600, minimum=60)
IM_CONSOLE_SESSION_SECONDS = env.integer("IM_CONSOLE_SESSION_SECONDS", 12 * 3600, minimum=60)
SESSION_COOKIE_AGE = IM_CONSOLE_SESSION_SECONDS
# What an authenticator calls the entry.
OTP_TOTP_ISSUER = "imserver"

# Seconds after which another worker takes up a job whose worker has died or hangs. A batch has to be done
# within them.
IM_JOB_LEASE_SECONDS = env.integer("IM_JOB_LEASE_SECONDS", 60, minimum=1)

# Days for which the files of a job that is over, uploaded or to be downloaded, are kept.
IM_JOB_FILE_DAYS = env.integer("IM_JOB_FILE_DAYS", 7, minimum=1)

# Seconds for which a report's cursor stays good.
IM_REPORT_CURSOR_SECONDS = env.integer("IM_REPORT_CURSOR_SECONDS", 120, minimum=1)

# Seconds for which a webhook's receiver may take for its answer. A process that ends waits for it.
IM_WEBHOOK_TIMEOUT_SECONDS = env.integer("IM_WEBHOOK_TIMEOUT_SECONDS", 5, minimum=1, maximum=9)

# Messages of one POST to a webhook, at most.
IM_WEBHOOK_BATCH = env.integer("IM_WEBHOOK_BATCH", 100, minimum=1, maximum=1000)

# Tries of one POST before it is given up. The pause between two doubles from a second to an hour: 15 take
# more than four hours.
IM_WEBHOOK_ATTEMPTS = env.integer("IM_WEBHOOK_ATTEMPTS", 15, minimum=1, maximum=100)

# Webhooks that a process of the background work posts to at once.
IM_WEBHOOK_CONCURRENCY = env.integer("IM_WEBHOOK_CONCURRENCY", 20, minimum=1, maximum=500)

# Days for which it is kept what became of each POST.
IM_WEBHOOK_KEEP_DAYS = env.integer("IM_WEBHOOK_KEEP_DAYS", 7, minimum=1)

# Private networks that webhooks may lead to, as in 10.1.0.0/16. Without them only public addresses are posted
# to: an app's developer must not reach what only this server can reach.
IM_WEBHOOK_ALLOWED_NETWORKS = env.words("IM_WEBHOOK_ALLOWED_NETWORKS", [])

# Days for which messages are kept; what is older is deleted in the background. 0: for ever.
IM_HISTORY_DAYS = env.integer("IM_HISTORY_DAYS", 0, minimum=0)
