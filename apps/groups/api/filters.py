"""What the list of groups can be narrowed to (ours; every filter is on an indexed column)."""

import django_filters

from apps.core.api.filters import AppFilterSet, MomentFilter
from apps.groups.models import Group, GroupQuerySet


class GroupFilter(AppFilterSet):
    """`name_prefix`, `created_from`, `created_to`: all that are given must hold."""

    name_prefix = django_filters.CharFilter(
        method="by_prefix", max_length=64, help_text="Names that start so; case counts."
    )
    created_from = MomentFilter(method="from_moment", help_text="Created then or later.")
    created_to = MomentFilter(method="to_moment", help_text="Created before then.")

    class Meta:
        model = Group
        fields: list[str] = []

    def by_prefix(self, groups: GroupQuerySet, name: str, prefix: str) -> GroupQuerySet:
        """A range of an index."""
        return groups.named_like(prefix)

    def from_moment(self, groups: GroupQuerySet, name: str, text: str) -> GroupQuerySet:
        """That moment included."""
        return groups.created_from(self.moment(name, text))

    def to_moment(self, groups: GroupQuerySet, name: str, text: str) -> GroupQuerySet:
        """That moment left out."""
        return groups.created_before(self.moment(name, text))
