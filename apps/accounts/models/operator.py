"""Operator: who logs in to the console. Not a chat user."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import App


class Operator(AbstractUser):
    """Someone who runs apps in the browser. A superuser sees every app, others the apps listed here."""

    apps = models.ManyToManyField(App, blank=True, related_name="operators", verbose_name=_("apps"))

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
