"""Forms for groups. Their limits are the API's (`apps.groups.api.serializers`): a test compares them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanSwitchWidget,
)

from apps.core.adminkit.form_fields import ByteLengthField, NamesField
from apps.core.adminkit.row_search import RowSearchField
from apps.core.adminkit.scoped import ServiceForm
from apps.core.adminkit.suggestions import SuggestingInput
from apps.core.models import App
from apps.groups.admin.gatherings import CHATROOMS, GROUPS
from apps.groups.models import Chatroom, Group
from apps.groups.services.importing import LARGEST_GROUP


class GroupForm(ServiceForm):
    """What can be changed of a group."""

    name = ByteLengthField(label=_("Name"), min_bytes=1, max_bytes=64, single_line=True)
    description = ByteLengthField(
        label=_("Description"),
        max_bytes=250,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    avatar = ByteLengthField(
        label=_("Avatar"), max_bytes=255, required=False, help_text=_("A media id.")
    )
    max_members = forms.IntegerField(
        label=_("Members, at most"),
        min_value=1,
        max_value=LARGEST_GROUP,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Whoever is in it already stays."),
    )

    class Meta:
        model = Group
        fields: tuple[str, ...] = ("name", "description", "avatar", "kind", "max_members")


class NewGroupForm(GroupForm):
    """A group to be created, of the app's limit."""

    max_members = None  # type: ignore[assignment]  # how Django drops a field
    owner_username = ByteLengthField(
        label=_("Owner"),
        max_bytes=128,
        strip=True,
        widget=SuggestingInput("accounts.User"),
        help_text=_("A username."),
    )
    members_username = NamesField(
        label=_("Members"),
        at_most=GROUPS.at_once,
        required=False,
        help_text=_(
            "Usernames, parted by spaces, commas or lines. The owner need not be among them."
        ),
    )

    class Meta(GroupForm.Meta):
        fields = ("app", "name", "description", "avatar", "kind")


class ChatroomForm(ServiceForm):
    """What can be changed of a chatroom."""

    name = GroupForm.base_fields["name"]
    description = GroupForm.base_fields["description"]
    max_members = GroupForm.base_fields["max_members"]

    class Meta:
        model = Chatroom
        fields: tuple[str, ...] = ("name", "description", "max_members")


class NewChatroomForm(ChatroomForm):
    """A chatroom to be opened, of the server's limit."""

    max_members = None  # type: ignore[assignment]  # how Django drops a field
    owner_username = NewGroupForm.base_fields["owner_username"]
    members_username = NamesField(
        label=_("Members"),
        at_most=CHATROOMS.at_once,
        required=False,
        help_text=NewGroupForm.base_fields["members_username"].help_text,
    )

    class Meta(ChatroomForm.Meta):
        fields = ("app", "name", "description")


class NewMembersForm(forms.Form):
    """Who is to join, and of which app where there is a choice."""

    app = forms.ChoiceField(
        label=_("App"), widget=UnfoldAdminSelectWidget, help_text=_("Where the users are.")
    )
    usernames = NamesField(
        label=_("Usernames"), at_most=0, help_text=_("Parted by spaces, commas or lines.")
    )
    pass_over = forms.BooleanField(
        label=_("Pass over who can't be added"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Otherwise nobody is added, and it is said why."),
    )

    def __init__(
        self, *args: Any, apps: Mapping[str, App], own: App, at_most: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if len(apps) == 1:
            del self.fields["app"]
        else:
            choice: Any = self.fields["app"]
            choice.choices = [(pk, app.name) for pk, app in apps.items()]
            choice.initial = str(own.pk)
        names: Any = self.fields["usernames"]
        names.at_most = at_most


class NewOwnerForm(forms.Form):
    """Who is to own it: one of its members."""

    def __init__(
        self,
        *args: Any,
        members: QuerySet[Any],
        url: str,
        told: Callable[[Any], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = RowSearchField(
            label=_("New owner"),
            queryset=members,
            url=url,
            told=told,
            help_text=_("A member: type how the username begins."),
        )
