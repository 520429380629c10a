"""What the list of users can be narrowed to (ours; every filter is on an indexed column)."""

import django_filters

from apps.accounts.models import User, UserQuerySet
from apps.core.api.filters import AppFilterSet, BooleanFilter, MomentFilter
from apps.core.api.pagination import boolean


class UserFilter(AppFilterSet):
    """`username_prefix`, `disabled`, `created_from`, `created_to`: all that are given must hold."""

    username_prefix = django_filters.CharFilter(
        method="by_prefix", max_length=128, help_text="Names that start so; case counts."
    )
    disabled = BooleanFilter(
        method="by_disabled", help_text="`true`: only the disabled; `false`: only the others."
    )
    created_from = MomentFilter(method="from_moment", help_text="Registered then or later.")
    created_to = MomentFilter(method="to_moment", help_text="Registered before then.")

    class Meta:
        model = User
        fields: list[str] = []

    def by_prefix(self, users: UserQuerySet, name: str, prefix: str) -> UserQuerySet:
        """A range of the unique index."""
        return users.named_like(prefix)

    def by_disabled(self, users: UserQuerySet, name: str, value: str) -> UserQuerySet:
        """Refuses what is neither true nor false."""
        return users.disabled() if boolean({name: value}, name) else users.enabled()

    def from_moment(self, users: UserQuerySet, name: str, text: str) -> UserQuerySet:
        """That moment included."""
        return users.created_from(self.moment(name, text))

    def to_moment(self, users: UserQuerySet, name: str, text: str) -> UserQuerySet:
        """That moment left out."""
        return users.created_before(self.moment(name, text))
