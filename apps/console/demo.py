"""The demo world: what the first start of a fresh server makes, for something to try."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection, transaction

from apps.accounts.models import Operator
from apps.accounts.services.operators import create_superuser
from apps.accounts.services.users import Registration, register_users
from apps.core.models import App
from apps.core.services.apps import Credentials, create_app

if TYPE_CHECKING:
    from collections.abc import Sequence

APP_NAME = "Demo"
OPERATOR = "admin"
USERS = ("alice", "bobby")
#: Key of the advisory lock that keeps two first starts apart.
LOCK = 0x6465_6D6F
PASSWORD_LENGTH = 16


@dataclass(frozen=True)
class Login:
    """A name with its password in clear, which is not kept."""

    name: str
    password: str


@dataclass(frozen=True)
class Demo:
    """What was made. None and empty stand for what was there before."""

    credentials: Credentials | None
    users: Sequence[Login]
    operator: Login | None


def ensure_demo() -> Demo:
    """Make an app with two users unless there is any app, an operator unless there is any.

    Two calls at once make one demo. All or nothing, so secrets that nobody saw are not left.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        credentials, users = None, []
        if not App.objects.exists():  # tenant-free: is there any?
            credentials = create_app(name=APP_NAME)
            users = [Login(name, _password()) for name in USERS]
            register_users(
                app=credentials.app,
                registrations=[
                    Registration(username=user.name, password=user.password) for user in users
                ],
            )
        operator = None
        if not Operator.objects.exists():  # tenant-free: operators stand above apps
            operator = Login(OPERATOR, _password())
            create_superuser(username=operator.name, password=operator.password)
        return Demo(credentials, users, operator)


def _password() -> str:
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(PASSWORD_LENGTH))
