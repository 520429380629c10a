"""What each role of an operator may do: rules over the names of permissions, so that new models are covered.

A permission is `label.verb_model`. Which rows it is about is another matter: those of the operator's apps.
What is for superusers alone, such as operators and new apps, no role has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.contrib.auth.backends import ModelBackend

from apps.accounts.models.operator import Operator, OperatorRole

if TYPE_CHECKING:
    from django.db.models import Model

_OF_THE_SERVER = frozenset({"admin", "auth", "contenttypes", "sessions", "otp_totp", "otp_static"})
_PEOPLE = frozenset({"accounts", "groups"})
_SUPPORT_SEES = frozenset(
    {
        "core.view_app",
        "messaging.view_conversation",
        "messaging.view_media",
        "messaging.view_message",
        "messaging.view_participant",
    }
)
READ_BODIES = "messaging.read_message"
"""To read what was said: no part of seeing that something was."""


def _owner(label: str, codename: str) -> bool:
    return True


def _support(label: str, codename: str) -> bool:
    return label in _PEOPLE or f"{label}.{codename}" in _SUPPORT_SEES


def _auditor(label: str, codename: str) -> bool:
    return codename.startswith("view_") or f"{label}.{codename}" == READ_BODIES


_RULES: Mapping[str, Callable[[str, str], bool]] = {
    OperatorRole.OWNER: _owner,
    OperatorRole.SUPPORT: _support,
    OperatorRole.AUDITOR: _auditor,
}


def allows(role: str, permission: str) -> bool:
    """Whether the role has the permission, `label.codename`. The role CHOSEN has none of its own."""
    label, _dot, codename = permission.partition(".")
    if label in _OF_THE_SERVER or codename.endswith("_operator") or role not in _RULES:
        return False
    return _RULES[role](label, codename)


class RoleBackend(ModelBackend):
    """Operators by name and password; their permissions by their role."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        """Whether the operator has it, by role or as ticked."""
        if not isinstance(user_obj, Operator) or not user_obj.is_active:
            return False
        if user_obj.role == OperatorRole.CHOSEN:
            return super().has_perm(user_obj, perm, obj)
        return allows(user_obj.role, perm)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the operator may see anything of a Django app."""
        if not isinstance(user_obj, Operator) or not user_obj.is_active:
            return False
        if user_obj.role == OperatorRole.CHOSEN:
            return super().has_module_perms(user_obj, app_label)
        sees = {
            f"{app_label}.view_",
            *(each for each in _SUPPORT_SEES if each.startswith(f"{app_label}.")),
        }
        return any(allows(user_obj.role, permission) for permission in sees)
