"""Blocks: whom a user refuses."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from apps.accounts.models import Block, User
from apps.accounts.services.blocks import unblock_users
from apps.core.adminkit.big_tables import BigTableAdmin
from apps.core.adminkit.operations import (
    Question,
    ask,
    change_url,
    list_url,
    page_action,
    row_link,
    ticked,
)
from apps.core.adminkit.panels import SHOWN, Panel, panel
from apps.core.adminkit.scoped import ReadOnlyAdmin


@admin.register(Block)
class BlockAdmin(ReadOnlyAdmin, BigTableAdmin):
    """The blacklist of one user, reached from their page, where it is also added to."""

    app_path = "owner__app"
    grants = ("view", "add", "delete")
    parents = {"owner": User, "blocked": User}
    list_display = ("blocked_link", "owner_link", "created_at")
    list_display_links = None
    list_select_related = ("owner", "blocked")
    fields = ("owner", "blocked", "created_at")
    actions = ("unblock_selected",)
    actions_detail = ("unblock",)

    def has_unblock_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may delete blocks."""
        return bool(request.user.has_perm("accounts.delete_block"))

    @admin.display(description=_("blocked user"))
    def blocked_link(self, block: Block) -> SafeString:
        """Who is blocked."""
        return row_link(block.blocked)

    @admin.display(description=_("owner"))
    def owner_link(self, block: Block) -> SafeString:
        """Who blocks them."""
        return row_link(block.owner)

    @page_action(
        description=_("Unblock"), permission="unblock", icon="undo", variant=ActionVariant.PRIMARY
    )
    def unblock(self, request: HttpRequest, block: Block) -> HttpResponse:
        """End one block."""
        return self._ask(request, [block], {}, change_url(block.owner))

    @admin.action(description=_("Unblock selected users"), permissions=["unblock"])
    def unblock_selected(self, request: HttpRequest, blocks: QuerySet[Block]) -> HttpResponse:
        """End these blocks."""
        chosen = list(blocks.select_related("owner", "blocked"))
        hidden = ticked("unblock_selected", chosen)
        return self._ask(request, chosen, hidden, list_url(User))

    def _ask(
        self, request: HttpRequest, blocks: list[Block], hidden: dict[str, list[str]], back: str
    ) -> HttpResponse:
        owners = {block.owner for block in blocks}
        question = Question(
            title=_("Unblock users"),
            text=_("They can send single messages to the user again."),
            button=_("Unblock"),
            back=change_url(owners.copy().pop()) if len(owners) == 1 else back,
            about=[f"{block.owner} → {block.blocked}" for block in blocks],
            hidden=hidden,
        )

        def perform(data: dict[str, Any]) -> str:
            for owner in sorted(owners, key=lambda user: user.pk):
                names = [block.blocked.username for block in blocks if block.owner == owner]
                unblock_users(app=owner.app, owner=owner, usernames=names)
                self.noted(request, owner, "blocks")
            return gettext("Unblocked.")

        return ask(self, request, question, perform)


@panel(User, place=30)
def blocks_of_user(request: HttpRequest, user: User) -> Panel | None:
    """Whom the user blocks."""
    if not request.user.has_perm("accounts.view_block"):
        return None
    blocks = user.blocks.select_related("blocked").order_by("-pk")
    return Panel(
        title=_("Blocks"),
        headers=[_("blocked user"), _("since")],
        rows=[[row_link(block.blocked), block.created_at] for block in blocks[:SHOWN]],
        empty=_("The user blocks nobody."),
        more=f"{list_url(Block)}?owner={user.pk}",
    )
