"""Friends: whom a user has on their list, under which note. To look at."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Friendship, User
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.operations import list_url, row_link
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin


@admin.register(Friendship)
class FriendshipAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The friends of one user, reached from their page."""

    app_path = "owner__app"
    parents = {"owner": User}
    list_display = ("friend_link", "nickname", "note_name", "others", "created_at")
    list_display_links = None
    list_select_related = ("friend",)
    fields = ("owner", "friend", "note_name", "others", "created_at")

    @admin.display(description=_("friend"))
    def friend_link(self, friendship: Friendship) -> SafeString:
        """Who it is."""
        return row_link(friendship.friend)

    @admin.display(description=_("nickname"))
    def nickname(self, friendship: Friendship) -> str:
        """The friend's."""
        return friendship.friend.nickname


@panel(User, place=20)
def friends_of_user(request: HttpRequest, user: User) -> Panel | None:
    """Whom they know."""
    if not request.user.has_perm("accounts.view_friendship"):
        return None
    found = user.friendships.select_related("friend").order_by("-pk")[:SHOWN]
    return Panel(
        title=_("Friends"),
        headers=[_("friend"), _("nickname"), _("note name"), _("since")],
        rows=[
            [row_link(each.friend), each.friend.nickname, each.note_name, each.created_at]
            for each in found
        ],
        empty=_("The user has no friends."),
        more=f"{list_url(Friendship)}?owner={user.pk}",
    )
