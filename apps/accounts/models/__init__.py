"""Operators, users, and who blocks whom."""

from apps.accounts.models.block import Block, BlockQuerySet
from apps.accounts.models.operator import Operator
from apps.accounts.models.user import Gender, User, UserQuerySet

__all__ = ["Block", "BlockQuerySet", "Gender", "Operator", "User", "UserQuerySet"]
