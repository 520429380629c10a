"""The admin of users, blocks and operators."""

from __future__ import annotations

from apps.accounts.admin.blocks import BlockAdmin
from apps.accounts.admin.operators import OperatorAdmin
from apps.accounts.admin.users import UserAdmin

__all__ = ["BlockAdmin", "OperatorAdmin", "UserAdmin"]
