"""Users and API admins over HTTP."""

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api.filters import UserFilter
from apps.accounts.api.schemas import admins_schema, users_schema
from apps.accounts.api.serializers import PasswordIn, ProfileIn, RegistrationIn, user_reply
from apps.accounts.models import User
from apps.accounts.services.users import (
    Registration,
    delete_users,
    disable_users,
    enable_users,
    register_user,
    register_users,
    set_password,
    update_user,
)
from apps.core.api import json_body
from apps.core.api.exceptions import error_body
from apps.core.api.pagination import boolean, page
from apps.core.api.viewsets import ImViewSet
from apps.core.errors import PARAMETER_INVALID, TOO_MANY_USERS, USER_EXISTS, ImError

_REGISTER_AT_MOST = 500
_DELETE_AT_MOST = 100


@users_schema
class UserViewSet(ImViewSet):
    """`/v1/users` and `/v1/users/{username}`."""

    operation_group = "users"

    def create(self, request: Request) -> Response:
        """Register 1 to 500 users; each succeeds by itself, or carries its own error."""
        rows = self.body()
        if not isinstance(rows, list) or not rows:
            raise ImError(PARAMETER_INVALID, "body: must be an array of users")
        if len(rows) > _REGISTER_AT_MOST:
            raise ImError(TOO_MANY_USERS)
        checked = [self._registration(row) for row in rows]
        good = [row for row in checked if isinstance(row, Registration)]
        pks = iter(register_users(app=self.app, registrations=good))
        errors = [
            row if isinstance(row, ImError) else None if next(pks) else ImError(USER_EXISTS)
            for row in checked
        ]
        replies = [self._row_reply(row, error) for row, error in zip(rows, errors, strict=True)]
        return self.reply(replies, status=self._status(errors))

    def _status(self, errors: Sequence[ImError | None]) -> int:
        """That of the first error where all rows failed, else 201."""
        failed = [error for error in errors if error is not None]
        return self.dialect.status(failed[0].code) if len(failed) == len(errors) else 201

    def _registration(self, row: Any) -> Registration | ImError:
        try:
            return Registration(**self.check(RegistrationIn, row))
        except ImError as error:
            return error

    def _row_reply(self, row: Any, error: ImError | None) -> dict[str, Any]:
        reply: dict[str, Any] = {}
        if isinstance(row, dict) and isinstance(row.get("username"), str):
            reply["username"] = row["username"]
        if error is not None:
            reply["error"] = error_body(error, self.dialect)
        return reply

    def list(self, request: Request) -> Response:
        """Users in the order of their registration, API admins among them."""
        found = UserFilter(self.app, self.query, self.app.users.in_list_order()).rows()
        return self.reply(page(self.query, found, "users", self._render))

    def _render(self, user: User) -> Any:
        return user_reply(self.app, user)

    def retrieve(self, request: Request, username: str) -> Response:
        """One user."""
        return self.reply(user_reply(self.app, self.app.users.by_username(username)))

    def update(self, request: Request, username: str) -> Response:
        """Set the fields given. A body without any changes nothing."""
        body = self.body()
        changes = self.check(ProfileIn, {} if body is json_body.ABSENT else body)
        update_user(app=self.app, username=username, changes=changes)
        return self.reply(status=204)

    def destroy(self, request: Request, username: str) -> Response:
        """Delete one user."""
        delete_users(app=self.app, usernames=[username])
        return self.reply(status=204)

    def destroy_many(self, request: Request) -> Response:
        """Delete 1 to 100 users: all of them or none. Without a body nobody is deleted."""
        delete_users(app=self.app, usernames=self.parse_usernames(at_most=_DELETE_AT_MOST))
        return self.reply()

    def forbid(self, request: Request, username: str) -> Response:
        """Bar a user from logging in and sending, or let them again."""
        disable = boolean(self.query, "disable")
        user = self.app.users.by_username(username)
        set_disabled = disable_users if disable else enable_users
        set_disabled(app=self.app, users=self.app.users.filter(pk=user.pk))
        return self.reply(status=204)

    def set_password(self, request: Request, username: str) -> Response:
        """Give a user a new password. The old one is not asked for."""
        data = self.parse(PasswordIn)
        set_password(app=self.app, username=username, password=data["new_password"])
        return self.reply(status=204)


@admins_schema
class AdminViewSet(ImViewSet):
    """`/v1/admins`: who may send in the final API. They share the users' names."""

    operation_group = "admins"

    def create(self, request: Request) -> Response:
        """Register one API admin. A known client wraps the object in an array of one."""
        body = self.body()
        if isinstance(body, list) and len(body) == 1:
            (body,) = body
        registration = Registration(**self.check(RegistrationIn, body), is_admin=True)
        register_user(app=self.app, registration=registration)
        return self.reply(status=201)

    def list(self, request: Request) -> Response:
        """API admins in the order of their registration."""
        admins = self.app.users.admins().in_list_order()
        return self.reply(page(self.query, admins, "users", self._render))

    def _render(self, user: User) -> Any:
        return user_reply(self.app, user)
