"""What the official PHP SDK really writes: doubled slashes, nulls, and arrays in the place of objects."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.sdk.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture
def php(moved):
    return Wire(moved, "JMessage-Api-PHP-Client", "application/json")


@pytest.fixture
def people(php, request):
    stem = f"{abs(hash(request.node.nodeid)) % 10**10:010}"
    names = [f"{role}{stem}" for role in ("pam", "pat", "pia")]
    php.register(*names)
    admin = f"padmin{stem}"
    body = {"username": admin, "password": "secret"}
    assert php.send("POST /v1/admins/", body).status == 201
    return [*names, admin]


def message(target, admin, **more):
    return {
        "version": 1,
        "target_type": "single",
        "target_id": target,
        "from_type": "admin",
        "from_id": admin,
        "no_offline": False,
        "no_notification": False,
        "msg_type": "text",
        "msg_body": {"text": "hello", "extras": []},
        **more,
    }


def test_doubled_slashes_are_one(php, people):
    assert php.send(f"GET /v1//users/{people[0]}").status == 200
    assert php.send(f"GET //v1/users//{people[0]}/").status == 200


def test_nulls_stand_for_what_was_not_set(php, people):
    body = {
        "owner_username": people[0],
        "name": "php",
        "desc": None,
        "avatar": None,
        "flag": None,
        "members_username": [],
    }

    answer = php.send("POST /v1/groups/", body)

    assert answer.status == 201
    assert (answer.json["desc"], answer.json["flag"]) == ("", 1)


def test_empty_arrays_stand_for_empty_objects(php, people):
    pam, _, _, admin = people
    php.register(f"{pam}x", extras=[])

    assert php.send("POST /v1/messages", message(pam, admin)).status == 201
    custom = message(pam, admin, msg_type="custom", msg_body=[])
    assert php.send("POST /v1/messages", custom).status == 201
    assert php.send(f"GET /v1/users/{pam}x").json["extras"] == {}


def test_calls_without_a_body_carry_a_type_and_no_length(php, people):
    gid = php.send("POST /v1/groups/", {"owner_username": people[0], "name": "php"}).json["gid"]

    assert php.send(f"DELETE /v1/groups/{gid}").status == 204
    assert php.send(f"DELETE /v1/users/{people[0]}").status == 204
    assert php.send("PUT /v1/sdkregister/status?status=0").status == 204


def test_a_body_that_was_to_be_an_array_and_is_missing_is_refused(php, people):
    assert php.send(f"PUT /v1/users/{people[0]}").status == 204  # nothing to change
    assert php.send("POST /v1/users/").code == (400, 899003)
    assert php.send("DELETE /v1/users/").code == (400, 899003)


def test_the_headers_can_be_parted_at_a_colon_and_a_space(php, people):
    headers = php.send(f"GET /v1/users/{people[0]}").headers

    assert headers["content-type"] == "application/json; charset=utf-8"


def test_the_malformed_content_type_of_an_old_client_is_understood(php, people):
    body = [{"username": f"{people[0]}y", "password": "secret"}]

    answer = php.send("POST /v1/users/", body, content_type="application/json;charset:utf-8")

    assert answer.status == 201


def test_history_of_the_second_version_is_read_by_its_paths(php, people):
    window = "begin_time=2018-01-01+00%3A00%3A00&end_time=2018-01-02+00%3A00%3A00"

    for path in ("/v2/messages", f"/v2/users/{people[0]}/messages"):
        answer = php.send(f"GET {path}?count=10&{window}")
        assert (answer.status, answer.json["messages"]) == (200, [])


def test_an_array_that_is_empty_is_no_body_at_all(php, people):
    assert php.send(f"PUT /v1/users/{people[0]}/blacklist").code == (400, 899003)


def test_do_not_disturb_of_one_kind_and_of_none(php, people):
    gid = php.send("POST /v1/groups/", {"owner_username": people[0], "name": "php"}).json["gid"]
    call = f"POST /v1/users/{people[0]}/nodisturb"

    assert php.send(call, {"group": {"add": [gid]}}).status == 204
    assert php.send(call, {"group": {"remove": [gid], "add": None}}).status == 204
    assert php.send(call, {"global": 1}).status == 204
    assert php.send(call, {"global": 0}).status == 204


def test_silence_and_owner_are_told_in_its_words(php, people):
    pam, pat, *_ = people
    body = {"owner_username": pam, "name": "php", "members_username": [pat]}
    gid = php.send("POST /v1/groups/", body).json["gid"]

    for status in ("true", "false"):
        call = f"PUT /v1/groups/messages/{gid}/silence?status={status}"
        assert php.send(call, [pat]).status == 204
    assert php.send(f"PUT /v1/groups/owner/{gid}", {"username": pat}).status == 204


def test_a_message_is_sent_with_flags_that_are_false(php, people):
    answer = php.send("POST /v1/messages", message(people[0], people[-1], target_name=None))

    assert answer.status == 201


def test_statistics_are_asked_for_with_two_slashes_and_a_plus(php):
    for kind in ("users", "groups", "messages"):
        answer = php.send(f"GET /v2//statistic/{kind}?time_unit=DAY&start=2018-01-01&duration=2")
        assert answer.status == 200, answer
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    hours = f"time_unit=HOUR&start={today}+00&duration=1"
    assert php.send(f"GET /v2//statistic/messages?{hours}").status == 200


def test_history_of_the_first_version_is_paged_by_places(php, people):
    pam, pat, _, admin = people
    for target in (pam, pat, pam):
        assert php.send("POST /v1/messages", message(target, admin)).status == 201

    page = php.send(f"GET /v1//users/{pam}/messages?start=0&count=10").json

    assert (page["total"], page["start"], page["count"]) == (2, 0, 2)
    assert [row["target_id"] for row in page["messages"]] == [pam, pam]
    assert php.send("GET /v1/messages?start=0&count=1").json["count"] == 1


def test_a_message_is_taken_back_without_a_body(php, people):
    pam, *_, admin = people
    msg_id = php.send("POST /v1/messages", message(pam, admin)).json["msg_id"]

    assert php.send(f"POST /v1/messages/{admin}/{msg_id}/retract").status == 204
