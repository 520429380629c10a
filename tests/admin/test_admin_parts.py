"""What the admins are made of, by itself."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import translation

from apps.accounts.models import Block
from apps.core.adminkit.big_tables import read_key
from apps.core.adminkit.form_fields import ExtrasField
from apps.core.adminkit.panels import panels_of
from apps.core.adminkit.refusals import said
from apps.core.adminkit.scoped import ScopedAdmin, ServiceForm
from apps.core.errors import BUSY, NO_SUCH_USER, ImError
from tests.admin.conftest import looking, page_of, ticked_only


class BlockForm(ServiceForm):
    """A form without a service."""

    class Meta:
        model = Block
        fields = ()


def test_a_refusal_is_said_in_the_operators_language():
    with translation.override("zh-hans"):
        assert said(ImError(NO_SUCH_USER)) == "该应用中没有这个用户。"
        assert said(ImError(NO_SUCH_USER, "No such user: tom")).endswith("(No such user: tom)")


def test_a_refusal_that_operators_do_not_meet_is_said_as_in_the_protocol():
    assert said(ImError(BUSY)) == BUSY.message


def test_what_a_model_refuses_is_said_in_one_line():
    assert said(ValidationError(["One.", "Two."])) == "One. Two."


def test_an_admin_that_says_nothing_writes_nothing(rf, olga):
    request = rf.post("/")
    request.user = olga
    bare = ScopedAdmin(Block, admin.site)
    block = Block()

    with pytest.raises(PermissionDenied):
        bare.save_model(request, block, BlockForm(), change=False)
    assert not bare.has_delete_permission(request, block)
    assert "delete_selected" not in bare.get_actions(request)


def test_an_admin_with_search_fields_has_to_say_how_it_finds(rf):
    bare = ScopedAdmin(Block, admin.site)
    bare.search_fields = ("owner",)

    with pytest.raises(NotImplementedError, match="find"):
        bare.get_search_results(rf.get("/"), Block.objects.all(), "x")


@pytest.mark.parametrize("text", ["999999999999999999_1", "99999999999999999999_1", "1", "1_2_3"])
def test_a_time_that_no_calendar_has_is_no_place(text):
    assert read_key(text, ("sent_at", "pk")) is None


@pytest.mark.parametrize(
    ("before", "typed", "changed"),
    [
        ({"a": 1}, '{ "a" : 1 }', False),
        ({"a": 1}, '{"a": 2}', True),
        ({"a": 1}, "", True),
        (None, "", False),
        ({"a": 1}, "{", True),
    ],
)
def test_extras_laid_out_otherwise_are_not_changed(before, typed, changed):
    assert ExtrasField(required=False).has_changed(before, typed) is changed


def test_panels_show_what_the_operator_may_see_alone(rf, olga, ours):
    request = rf.get("/")
    request.user = olga
    rows = [ours.app, ours.user, ours.group, ours.conversation]
    everything = [len(panels_of(request, row)) for row in rows]

    request.user = ticked_only(
        olga,
        Permission.objects.filter(codename__in=["view_app", "view_user", "view_groupmember"]),
    )
    little = [[str(panel.title) for panel in panels_of(request, row)] for row in rows]

    assert everything == [3, 9, 3, 2]
    assert little == [[], ["Groups"], ["Members"], []]


def test_buttons_in_panels_are_for_those_who_may(olga, browser, ours):
    member = ours.group.members.order_by("-pk")[0]
    buttons = {
        page_of(ours.app): page_of(ours.app.secrets.get(), "end"),
        page_of(ours.user): page_of(ours.session, "end"),
        page_of(ours.group): page_of(member, "remove"),
    }
    before = [button in browser.page(page) for page, button in buttons.items()]
    ticked_only(olga, looking())
    after = [button in browser.page(page) for page, button in buttons.items()]

    assert before == [True, True, True]
    assert after == [False, False, False]
