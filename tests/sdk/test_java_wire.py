"""What the official Java SDK really writes: missing bodies, empty arrays, flags that are 0."""

import base64
import zlib

import pytest

from tests.sdk.wire import Wire

pytestmark = pytest.mark.slow


@pytest.fixture
def java(moved):
    return Wire(moved, "JPush-API-Java-Client", "application/json; charset=utf-8")


@pytest.fixture
def people(java, request):
    stem = f"{abs(hash(request.node.nodeid)) % 10**10:010}"
    names = [f"{role}{stem}" for role in ("jim", "jon", "joe")]
    java.register(*names)
    return names


def create_group(java, owner, **more):
    body = {"owner_username": owner, "name": "java", "flag": 0, **more}
    answer = java.send("POST /v1/groups", body)
    assert answer.status == 201, answer
    return answer.json


def test_keys_are_of_the_only_form_it_takes(moved):
    for key in (moved.app_key, moved.master_secret):
        assert len(key) == 24
        assert key.isalnum()


def test_the_headers_that_it_reads_are_there(java, people):
    headers = java.send(f"GET /v1/users/{people[0]}").headers

    for name in ("x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset"):
        assert headers[name].isdigit()


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_call_without_body_and_length_is_answered_as_one_without_body(java, people, method):
    if method == "DELETE":
        assert java.send(f"DELETE /v1/users/{people[0]}").status == 204
    else:
        assert java.send("PUT /v1/sdkregister/status?status=0").status == 204


def test_a_group_without_a_flag_is_private(java, people):
    assert create_group(java, people[0])["flag"] == 1


def test_numbers_are_long_enough_to_pass_as_names(java, people):
    assert len(str(create_group(java, people[0])["gid"])) >= 4


def test_both_lists_of_members_are_sent_and_one_may_be_empty(java, people):
    gid = create_group(java, people[0])["gid"]
    call = f"POST /v1/groups/{gid}/members"

    assert java.send(call, {"add": [people[1]], "remove": []}).status == 204
    assert java.send(call, {"add": [], "remove": [people[1]]}).status == 204
    assert java.send(call, {"add": [], "remove": []}).code == (400, 899003)


def test_the_key_of_an_owner_to_be_is_spelt_its_own_way(java, moved, people):
    gid = create_group(java, people[0], members_username=[people[1]])["gid"]
    body = {"appKey": moved.app_key, "username": people[1]}

    assert java.send(f"PUT /v1/groups/owner/{gid}", body).status == 204
    assert java.send(f"GET /v1/groups/{gid}").json["owner_username"] == people[1]


def test_errors_come_with_the_statuses_it_parses(java, people):
    readable = {400, 401, 403, 404, 410, 429}
    calls = [
        ("POST /v1/users", [{"username": people[0], "password": "secret"}]),
        ("GET /v1/users/nobody", None),
        ("GET /v1/groups/99999999", None),
        ("POST /v1/groups", {"owner_username": people[0]}),
    ]

    for call, body in calls:
        assert java.send(call, body).status in readable


def test_a_message_is_sent_with_what_it_leaves_out(java, people):
    admin = f"a{people[0]}"
    assert java.send("POST /v1/admins", {"username": admin, "password": "secret"}).status == 201
    body = {
        "version": 1,
        "target_type": "single",
        "target_id": people[0],
        "from_type": "admin",
        "from_id": admin,
        "msg_type": "text",
        "msg_body": {"text": "hello", "extras": {"n": 1, "b": True, "s": "x"}},
    }

    answer = java.send("POST /v1/messages", body)

    assert answer.status == 201
    assert all(isinstance(answer.json[name], int) for name in ("msg_id", "msg_ctime"))


def test_unset_fields_of_a_profile_come_back_as_absent(java, people):
    assert java.send(f"GET /v1/users/{people[0]}").json.keys() == {"username", "mtime", "ctime"}


def test_what_it_writes_for_a_whole_number_of_hours_is_its_own_fault(java):
    """A raw space in the request line: refused, and the server goes on."""
    call = "GET /v2/statistic/messages?time_unit=HOUR&start=2018-01-01 10&duration=1"

    assert java.send(call).status == 400
    assert java.send("GET /v1/users?start=0&count=1").status == 200


def multipart(name, path, content):
    """As its uploader writes it: a boundary of its own, the whole path, and a line end too many."""
    boundary = "========7d4a6d158c9"
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data;name="{name}";filename="{path}"\r\n'
        "Content-Type:application/octet-stream\r\n\r\n"
    )
    body = head.encode() + content + b"\r\n" + f"\r\n--{boundary}--\r\n".encode()
    return body, f"multipart/form-data; boundary={boundary}"


@pytest.mark.parametrize("kind", ["file", "voice", "image"])
def test_an_upload_is_named_after_its_type_and_ends_in_a_stray_line_end(java, kind):
    contents = {
        "file": b"dump",
        "voice": b"#!AMR\n" + b"<" * 32,
        "image": base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"),
    }
    content = contents[kind]
    body, content_type = multipart(kind, f"/home/java/some {kind}.bin", content)

    answer = java.send(f"POST /v1/resource?type={kind}", body, content_type=content_type)

    assert answer.status == 200, answer
    assert answer.json["fsize"] == len(content) + 2
    assert answer.json["media_crc32"] == zlib.crc32(content + b"\r\n")
    if kind == "file":
        assert answer.json["fname"] == "some file.bin"
    link = java.send(f"GET /v1/resource?mediaId={answer.json['media_id']}")
    assert link.status == 200
    assert link.json["url"].startswith("http")


def test_do_not_disturb_without_anything_to_do_is_fine(java, people):
    """It leaves `global` out for 0."""
    assert java.send(f"POST /v1/users/{people[0]}/nodisturb", {}).status == 204


def test_relations_are_sent_as_arrays(java, people):
    jim, jon, joe = people

    assert java.send(f"PUT /v1/users/{jim}/blacklist", [jon]).status == 204
    assert java.send(f"DELETE /v1/users/{jim}/blacklist", [jon]).status == 204
    assert java.send(f"POST /v1/users/{jim}/friends", [jon, joe]).status == 201
    note = [{"note_name": "Jon", "others": "o", "username": jon}]
    assert java.send(f"PUT /v1/users/{jim}/friends", note).status == 204
    assert java.send(f"DELETE /v1/users/{jim}/friends", [jon, joe]).status == 204


def test_a_user_is_barred_without_a_body(java, people):
    assert java.send(f"PUT /v1/users/{people[0]}/forbidden?disable=true").status == 204
    assert java.send(f"PUT /v1/users/{people[0]}/forbidden?disable=false").status == 204
