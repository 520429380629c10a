"""Forms for groups. Their limits are the API's (`apps.groups.api.serializers`): a test compares them."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from apps.core.adminkit.form_fields import ByteLengthField, NamesField
from apps.core.adminkit.scoped import ServiceForm
from apps.groups.models import Chatroom, Group

_MOST_NAMES = 500  # as many as one call of the API takes


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

    class Meta:
        model = Group
        fields: tuple[str, ...] = ("name", "description", "avatar")


class NewGroupForm(GroupForm):
    """A group to be created."""

    owner_username = ByteLengthField(
        label=_("Owner"), max_bytes=128, strip=True, help_text=_("A username.")
    )
    members_username = NamesField(
        label=_("Members"),
        at_most=_MOST_NAMES,
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

    class Meta:
        model = Chatroom
        fields: tuple[str, ...] = ("name", "description")


class NewChatroomForm(ChatroomForm):
    """A chatroom to be opened."""

    owner_username = NewGroupForm.base_fields["owner_username"]
    members_username = NewGroupForm.base_fields["members_username"]

    class Meta(ChatroomForm.Meta):
        fields = ("app", "name", "description")


class NewMembersForm(forms.Form):
    """Who is to join."""

    usernames = NamesField(
        label=_("Usernames"),
        at_most=_MOST_NAMES,
        help_text=_("Parted by spaces, commas or lines."),
    )


class NewOwnerForm(forms.Form):
    """Who is to own the group."""

    username = ByteLengthField(
        label=_("New owner"), max_bytes=128, strip=True, help_text=_("The username of a member.")
    )
