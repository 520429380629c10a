"""Forms for users. Their limits are the API's (`apps.accounts.api.serializers`); a test compares them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordToggleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.accounts.models import Gender, User
from apps.core.adminkit.form_fields import ByteLengthField, ExtrasField, NamesField
from apps.core.adminkit.scoped import ServiceForm

PROFILE = (
    "nickname",
    "avatar",
    "birthday",
    "gender",
    "signature",
    "region",
    "address",
    "star",
    "extras",
)

username_format = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9_.@-]*\Z",
    _("It starts with a letter or digit, and goes on with letters, digits and _ . @ -"),
)


class PasswordField(ByteLengthField):
    """A new password: 4 to 128 bytes."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Password"))
        kwargs.setdefault("help_text", _("4 to 128 bytes."))
        kwargs.setdefault(
            "widget", UnfoldAdminPasswordToggleWidget(attrs={"autocomplete": "new-password"})
        )
        super().__init__(min_bytes=4, max_bytes=128, **kwargs)


class ProfileForm(ServiceForm):
    """What a user tells of themselves."""

    nickname = ByteLengthField(label=_("Nickname"), max_bytes=64, single_line=True, required=False)
    avatar = ByteLengthField(
        label=_("Avatar"), max_bytes=255, required=False, help_text=_("A media id.")
    )
    gender = forms.TypedChoiceField(
        label=_("Gender"),
        choices=[("", _("not told")), *Gender.choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    signature = ByteLengthField(
        label=_("Signature"),
        max_bytes=250,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    region = ByteLengthField(label=_("Region"), max_bytes=250, required=False)
    address = ByteLengthField(label=_("Address"), max_bytes=250, required=False)
    star = forms.IntegerField(
        label=_("Star"),
        required=False,
        min_value=-(2**31),
        max_value=2**31 - 1,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    extras = ExtrasField(
        label=_("Extras"), required=False, help_text=_("A JSON object of the app's own.")
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = PROFILE

    def clean_star(self) -> int:
        """Nothing is zero."""
        return self.cleaned_data["star"] or 0


class RegistrationForm(ProfileForm):
    """A user to register."""

    username = ByteLengthField(
        label=_("Username"),
        min_bytes=4,
        max_bytes=128,
        validators=[username_format],
        help_text=_(
            "4 to 128 letters, digits and _ . @ - beginning with a letter or digit. It never changes."
        ),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
    )
    password = PasswordField()

    class Meta(ProfileForm.Meta):
        fields = ("app", "username", "is_admin", *PROFILE)

    def _get_validation_exclusions(self) -> set[str]:
        """Whether the name is free is for the database to say, when the service asks it."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]  # not in its stubs
        return {*excluded, "username"}


class NewPasswordForm(forms.Form):
    """A password in place of a forgotten one."""

    password = PasswordField(label=_("New password"))


class BlockedNamesForm(forms.Form):
    """Whom to block."""

    usernames = NamesField(
        label=_("Usernames"), at_most=500, help_text=_("Parted by spaces, commas or lines.")
    )
