"""Operator: who logs in to the console. Not a chat user."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import App


class OperatorRole(models.TextChoices):
    """What an operator who is no superuser may do in their apps. `apps.accounts.roles` says what that is."""

    OWNER = "owner", _("App owner: everything in their apps")
    SUPPORT = "support", _("Support: users and groups, without what was said")
    AUDITOR = "auditor", _("Auditor: sees everything, changes nothing")
    CHOSEN = "chosen", _("The permissions ticked below")


class Operator(AbstractUser):
    """Someone who runs apps in the browser. A superuser sees every app, others the apps listed here."""

    apps = models.ManyToManyField(App, blank=True, related_name="operators", verbose_name=_("apps"))
    role = models.CharField(
        _("role"),
        max_length=16,
        choices=OperatorRole,
        default=OperatorRole.CHOSEN,
        db_default=OperatorRole.CHOSEN,
    )

    time_zone = models.CharField(
        _("time zone"), max_length=64, blank=True, default="", db_default="", editable=False
    )
    two_factor_since = models.DateTimeField(_("second factor since"), null=True, editable=False)

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
