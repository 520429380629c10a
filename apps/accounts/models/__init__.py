"""Operators, users, who is whose friend, who blocks whom, and who is logged in where."""

from apps.accounts.models.block import Block, BlockQuerySet
from apps.accounts.models.friendship import Friendship, FriendshipQuerySet
from apps.accounts.models.login_guard import LoginGuard
from apps.accounts.models.no_disturb import NoDisturb, NoDisturbQuerySet
from apps.accounts.models.operator import Operator, OperatorRole
from apps.accounts.models.presence import Connection, Gateway
from apps.accounts.models.session import ClientSession, ClientSessionQuerySet, Platform
from apps.accounts.models.user import Gender, User, UserQuerySet

__all__ = [
    "Block",
    "BlockQuerySet",
    "ClientSession",
    "ClientSessionQuerySet",
    "Connection",
    "Friendship",
    "FriendshipQuerySet",
    "Gateway",
    "Gender",
    "LoginGuard",
    "NoDisturb",
    "NoDisturbQuerySet",
    "Operator",
    "OperatorRole",
    "Platform",
    "User",
    "UserQuerySet",
]
