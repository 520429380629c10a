"""The admin of users, their sessions and blocks, and of operators."""

from apps.accounts.admin import home as home
from apps.accounts.admin import login as login
from apps.accounts.admin import own_time_zone as own_time_zone
from apps.accounts.admin import two_factor as two_factor
from apps.accounts.admin.blocks import BlockAdmin
from apps.accounts.admin.friends import FriendshipAdmin
from apps.accounts.admin.operators import OperatorAdmin
from apps.accounts.admin.sessions import ClientSessionAdmin
from apps.accounts.admin.users import UserAdmin

__all__ = ["BlockAdmin", "ClientSessionAdmin", "FriendshipAdmin", "OperatorAdmin", "UserAdmin"]
