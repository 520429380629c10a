"""The list of who is in a group or a chatroom: found, filtered, exported, and changed as a whole."""

from __future__ import annotations

import csv
import io

from django.urls import reverse

from apps.core.models import Job, JobState
from apps.core.services.jobs import result_of
from apps.groups.admin.gatherings import CHATROOMS
from apps.groups.api.chatroom_serializers import MEMBERS_AT_MOST
from apps.groups.models import Group
from tests.admin.conftest import list_of, member_of, members_url, page_of
from tests.imported import work_it_off


class TestTheListOfMembers:
    def test_a_member_is_found_by_how_their_name_begins(self, browser, place, bobby):
        found = browser.get(f"{members_url(place)}&q=bob").context["cl"].result_list
        nobody = browser.get(f"{members_url(place)}&q=obby").context["cl"].result_list

        assert [member.user for member in found] == [bobby]
        assert list(nobody) == []

    def test_the_list_and_the_panel_lead_to_what_can_be_done_to_one(self, browser, place, bobby):
        one = page_of(member_of(place, bobby))

        assert one in browser.page(members_url(place))
        assert one in browser.page(page_of(place))
        assert page_of(member_of(place, bobby), "make_owner") in browser.page(one)

    def test_those_who_may_not_speak_are_filtered(self, browser, place, alice, bobby):
        browser.answer(page_of(member_of(place, bobby), "silence"))

        for voice, user in (("silenced", bobby), ("speaks", alice)):
            found = browser.get(f"{members_url(place)}&voice={voice}").context["cl"].result_list
            assert [member.user for member in found] == [user]

    def test_of_a_user_it_shows_where_they_are(self, browser, place, bobby):
        address = f"{list_of(place.members.model)}?user={bobby.pk}"

        page = browser.page(address)

        assert page_of(place) in page
        assert page_of(bobby) in page
        panels = {
            str(panel.title): panel for panel in browser.get(page_of(bobby)).context["panels"]
        }
        panel = panels["Groups" if isinstance(place, Group) else "Chatrooms"]
        assert panel.more == address
        assert page_of(place) in str(panel.rows[0][0])


def test_as_many_are_named_in_a_form_as_in_a_call():
    assert CHATROOMS.at_once == MEMBERS_AT_MOST


class TestAllThatAListShows:
    def take(self, browser, place, name: str) -> list[dict[str, str]]:
        """Do it, and what the job's file says."""
        model = place.members.model._meta
        address = reverse(f"admin:{model.app_label}_{model.model_name}_all", args=[name])
        response = browser.answer(f"{address}?{members_url(place).partition('?')[2]}")
        work_it_off()
        job = Job.objects.latest("pk")
        assert response.url == page_of(job)
        assert job.state == JobState.DONE
        text = b"".join(result_of(job=job)).decode("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))

    def test_the_list_leads_to_it_under_its_parent_alone(self, browser, place):
        under = browser.page(members_url(place))
        without = browser.page(list_of(place.members.model))

        assert "/all/export/" in under
        assert "/all/" not in without

    def test_members_are_exported(self, browser, app, other_app, place, bobby):
        browser.answer(page_of(member_of(place, bobby), "silence"))

        rows = self.take(browser, place, "export")

        told = ("username", "appkey", "flag", "silenced")
        assert [tuple(row[name] for name in told) for row in rows] == [
            ("alice", app.app_key, "1", "false"),
            ("bobby", app.app_key, "0", "true"),
        ]
        assert {row["name"] for row in rows} == {place.name}

    def test_it_is_silenced_as_a_whole_but_for_its_owner_and_heard_again(
        self, browser, place, bobby, carol, follow
    ):
        browser.answer(page_of(place, "add_members"), usernames="carol")
        events = follow(bobby)

        self.take(browser, place, "silence")
        silenced = browser.get(f"{members_url(place)}&voice=silenced").context["cl"].result_list
        self.take(browser, place, "let-speak")
        still = browser.get(f"{members_url(place)}&voice=silenced").context["cl"].result_list

        assert {member.user for member in silenced} == {bobby, carol}
        assert list(still) == []
        assert len(events()) == (2 if isinstance(place, Group) else 4)

    def test_it_is_emptied_but_for_its_owner(self, browser, place, alice, carol):
        browser.answer(page_of(place, "add_members"), usernames="carol")

        self.take(browser, place, "remove")

        assert [member.user for member in place.members.all()] == [alice]
        named = b"".join(result_of(job=Job.objects.get())).decode()
        assert f"carol → {place}" in named

    def test_the_app_is_that_of_the_group_whatever_apps_the_operator_has(
        self, olga, browser, place, other_app
    ):
        olga.apps.add(other_app)

        self.take(browser, place, "export")

        assert Job.objects.get().app == place.app
