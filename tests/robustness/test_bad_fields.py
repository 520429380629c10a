"""Fields that are no good, one at a time: each is refused by its name, and nothing changes."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

Place = tuple[Any, ...]


def message(msg_type: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "target_type": "single",
        "target_id": "bobby",
        "from_type": "admin",
        "from_id": "alice",
        "msg_type": msg_type,
        "msg_body": body,
        **more,
    }


MEDIA = {"media_id": "qiniu/image/1", "media_crc32": 123456789, "fsize": 1000, "format": "x"}
PIXELS = {"width": 640, "height": 480}
PROFILE = {
    "nickname": "Dave",
    "avatar": "qiniu/image/1",
    "birthday": "1990-01-24",
    "gender": 1,
    "signature": "so",
    "region": "there",
    "address": "here",
    "extras": {"a": [1, {"b": None}]},
}
#: Good ones with every field that the operation reads: name -> (method, path, body).
GOOD: dict[str, tuple[str, str, Any]] = {
    "message": (
        "POST",
        "/v1/messages",
        message(
            "text",
            {"text": "hi", "extras": {"a": 1}},
            target_name="Bobby",
            from_name="Alice",
            no_offline=True,
            no_notification=False,
            notification={"title": "t", "alert": "a"},
            client_msg_id="1",
        ),
    ),
    "image": ("POST", "/v1/messages", message("image", {**MEDIA, **PIXELS, "extras": {}})),
    "voice": ("POST", "/v1/messages", message("voice", {**MEDIA, "duration": 1.5})),
    "file": ("POST", "/v1/messages", message("file", {**MEDIA, "fname": "a.txt"})),
    "video": (
        "POST",
        "/v1/messages",
        message(
            "video",
            {"video": {**MEDIA, "fname": "x"}, "thumb": {**MEDIA, **PIXELS}, "duration": 2},
        ),
    ),
    "location": (
        "POST",
        "/v1/messages",
        message("location", {"latitude": 1.5, "longitude": 2, "scale": 3, "label": "x"}),
    ),
    "custom": ("POST", "/v1/messages", message("custom", {"any": [1, "two", {"three": 4.5}]})),
    "users": ("POST", "/v1/users", [{"username": "david", "password": "secret", **PROFILE}]),
    "profile": ("PUT", "/v1/users/alice", PROFILE),
    "password": ("PUT", "/v1/users/alice/password", {"new_password": "another"}),
    "deletion": ("DELETE", "/v1/users", ["carol", "bobby"]),
    "group": (
        "POST",
        "/v1/groups",
        {
            "owner_username": "alice",
            "name": "x",
            "desc": "y",
            "avatar": "z",
            "flag": 1,
            "members_username": ["bobby", "carol"],
        },
    ),
    "changes": ("PUT", "/v1/groups/<str:gid>", {"name": "x", "desc": "y", "avatar": "z"}),
    "members": ("POST", "/v1/groups/<str:gid>/members", {"add": ["carol"], "remove": ["bobby"]}),
    "owner": ("PUT", "/v1/groups/owner/<str:gid>", {"username": "bobby"}),
    "arrivals": ("POST", "/v2/groups/<str:gid>/addMembers", ["carol"]),
    "departures": ("POST", "/v2/groups/<str:gid>/delMembers", ["bobby"]),
    "silence": ("PUT", "/v1/groups/messages/<str:gid>/silence?status=true", ["bobby"]),
    "blacklist": ("PUT", "/v1/users/alice/blacklist", ["bobby", "carol"]),
    "friends": ("POST", "/v1/users/alice/friends", ["bobby", "carol"]),
    "friendless": ("DELETE", "/v1/users/alice/friends", ["bobby", "carol"]),
    "notes": (
        "PUT",
        "/v1/users/bobby/friends",
        [{"username": "carol", "note_name": "Carol", "others": "of sales"}],
    ),
    "quiet": (
        "POST",
        "/v1/users/alice/nodisturb",
        {"single": {"add": ["bobby"], "remove": []}},
    ),
    "switch": ("POST", "/v1/users/alice/nodisturb", {"global": 1}),
}
#: Where to try things in the kinds of messages after the first: in what is theirs alone.
WITHIN = dict.fromkeys(["image", "voice", "file", "video", "location", "custom"], ("msg_body",))
#: What is put in the place of every value in turn.
ANYTHING: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    2**31,
    2**63 - 1,
    "",
    "1",
    "a\nb",
    "mallory",
    "字" * 50_000,
    "%s %(app)s {0} \\ ' \" ; --",
    [],
    {},
    [[]],
    ["alice", None],
    {"": {"a": []}},
    ["carol"] * 501,
]


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where something stands in a body: the body itself, its members, theirs."""
    yield place
    if isinstance(value, dict | list):
        keys = value if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield from places(value[key], (*place, key))


def holder_of(body: Any, place: Place) -> Any:
    for step in place[:-1]:
        body = body[step]
    return body


def replaced(body: Any, place: Place, value: Any) -> Any:
    if not place:
        return value
    altered = copy.deepcopy(body)
    holder_of(altered, place)[place[-1]] = value
    return altered


def without(body: Any, place: Place) -> Any:
    altered = copy.deepcopy(body)
    del holder_of(altered, place)[place[-1]]
    return altered


def raw(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", GOOD)
def test_whatever_stands_in_a_field_is_taken_or_refused(world, attempt, name):
    method, path, body = GOOD[name]
    path = world.fill(path)
    assert attempt(world.api, method, path, raw(body)).status_code < 300
    within = WITHIN.get(name, ())
    for place in places(body):
        if place[: len(within)] != within:
            continue
        for value in ANYTHING:
            attempt(world.api, method, path, raw(replaced(body, place, value)))
        if place:
            attempt(world.api, method, path, raw(without(body, place)))


# --- What is wrong for sure ---------------------------------------------------------------------

MISSING = object()
NO_TEXT = [True, 1, 1.5, [], {}, ["x"]]
NO_NUMBER = ["1", "", True, [], {}, "x", 1.5]
NO_OBJECT = [1, "x", True, [1], ""]
NO_NAMES = ["bobby", 1, {}, True, [1], [None], [["bobby"]], [{}], ["bobby", "bobby"]]
NO_DAYS = ["", "1990", "1990-13-01", "1990-02-30", "1990-1-1", "90-01-01", "1990-01-24T00:00:00"]
NO_DAYS += [
    "\uff11\uff19\uff19\uff10-01-24",  # digits, but wide ones
    "0000-01-01",
    "10000-01-01",
    "1990-01-24 24:00:00",
    "now",
    " 1990-01-24",
]
USERNAMES = ["", "abc", "x" * 129, "字字", "-abc", "_abc", ".abc", "@abc", "a bc", "ab/c", "abcd\n"]
USERNAMES += ["\u0430lice", "abc\u200b", "a%20bc", "a,bc", "a:bc"]


def too_long(limit: int) -> list[str]:
    """Just over so many bytes of UTF-8, in characters of one to four bytes."""
    return ["x" * (limit + 1), "字" * (limit // 3 + 1), "\U0001f600" * (limit // 4 + 1)]


#: Of which body, where, what is said about it, and what is wrong there.
WRONG: list[tuple[str, Place, str, list[Any]]] = [
    ("message", ("version",), "version", [MISSING, None, 0, 2, -1, *NO_NUMBER]),
    ("message", ("target_type",), "target_type", [MISSING, None, "", "Single", "room", *NO_TEXT]),
    ("message", ("target_id",), "target_id", [MISSING, None, True, 1.5, [], {}]),
    ("message", ("from_type",), "from_type", [MISSING, None, "", "Admin", "root", *NO_TEXT]),
    ("message", ("from_id",), "from_id", [MISSING, None, True, 1.5, [], {}]),
    ("message", ("msg_type",), "msg_type", [MISSING, None, "", "Text", "event", *NO_TEXT]),
    ("message", ("msg_body",), "msg_body", [MISSING, None, *NO_OBJECT]),
    ("message", ("target_name",), "target_name", [*NO_TEXT, "x" * 251]),
    ("message", ("from_name",), "from_name", [*NO_TEXT, "x" * 251]),
    ("message", ("no_offline",), "no_offline", [0, 1, "true", "", [], {}]),
    ("message", ("no_notification",), "no_notification", [0, 1, "true", "", [], {}]),
    ("message", ("notification",), "notification", NO_OBJECT),
    ("message", ("notification", "title"), "notification.title", [*NO_TEXT, "x" * 256]),
    ("message", ("notification", "alert"), "notification.alert", [*NO_TEXT, "x" * 1025]),
    ("message", ("client_msg_id",), "client_msg_id", [*NO_TEXT, "", "x" * 129]),
    ("message", ("msg_body", "extras"), "msg_body.extras", NO_OBJECT),
    ("image", ("msg_body", "media_id"), "msg_body.media_id", [MISSING, None, "", *NO_TEXT]),
    ("image", ("msg_body", "width"), "msg_body.width", [MISSING, None, -1, *NO_NUMBER]),
    ("image", ("msg_body", "height"), "msg_body.height", [MISSING, None, -1, *NO_NUMBER]),
    ("image", ("msg_body", "fsize"), "msg_body.fsize", [-1, *NO_NUMBER]),
    ("voice", ("msg_body", "duration"), "msg_body.duration", [MISSING, None, -1, "1", True, []]),
    ("file", ("msg_body", "fname"), "msg_body.fname", [MISSING, None, *NO_TEXT]),
    ("video", ("msg_body", "video"), "msg_body.video", [MISSING, None, *NO_OBJECT]),
    ("video", ("msg_body", "video", "fname"), "msg_body.video.fname", [MISSING, None, *NO_TEXT]),
    ("video", ("msg_body", "thumb"), "msg_body.thumb", NO_OBJECT),
    ("video", ("msg_body", "thumb", "width"), "msg_body.thumb.width", [MISSING, *NO_NUMBER]),
    ("users", (0, "username"), "username", [MISSING, None, *USERNAMES, *NO_TEXT]),
    ("users", (0, "password"), "password", [MISSING, None, "abc", "字", "x" * 129, *NO_TEXT]),
    ("users", (0, "nickname"), "nickname", [*too_long(64), "a\nb", "a\rb", *NO_TEXT]),
    ("users", (0, "extras"), "extras", [{"a": "x" * 505}, {"a": "字" * 169}, *NO_OBJECT]),
    ("profile", ("nickname",), "nickname", [*too_long(64), "a\nb", *NO_TEXT]),
    ("profile", ("avatar",), "avatar", [*too_long(255), *NO_TEXT]),
    ("profile", ("birthday",), "birthday", [*NO_DAYS, 1990, True, [], {}]),
    ("profile", ("gender",), "gender", [-1, 3, 2**63 - 1, *NO_NUMBER]),
    ("profile", ("signature",), "signature", [*too_long(250), *NO_TEXT]),
    ("profile", ("region",), "region", [*too_long(250), *NO_TEXT]),
    ("profile", ("address",), "address", [*too_long(250), *NO_TEXT]),
    ("password", ("new_password",), "new_password", [MISSING, None, "", "abc", *too_long(128)]),
    ("password", ("new_password",), "new_password", NO_TEXT),
    ("deletion", (), "body", [{}, [], "carol", ["carol", "carol"], ["carol"] * 101]),
    ("deletion", (1,), "body[1]", [None, 1, True, [], {}, ["carol"]]),
    ("group", ("owner_username",), "owner_username", [MISSING, None, *too_long(128), *NO_TEXT]),
    ("group", ("name",), "name", [MISSING, None, "", *too_long(64), "a\nb", *NO_TEXT]),
    ("group", ("desc",), "desc", [*too_long(250), *NO_TEXT]),
    ("group", ("avatar",), "avatar", [*too_long(255), *NO_TEXT]),
    ("group", ("flag",), "flag", [-1, 3, *NO_NUMBER]),
    ("group", ("members_username",), "members_username", NO_NAMES),
    ("changes", ("name",), "name", ["", *too_long(64), "a\nb", *NO_TEXT]),
    ("changes", ("desc",), "desc", [*too_long(250), *NO_TEXT]),
    ("changes", ("avatar",), "avatar", [*too_long(255), *NO_TEXT]),
    ("members", ("add",), "add", [*NO_NAMES, ["carol"] * 501, [f"u{n}" for n in range(501)]]),
    ("members", ("remove",), "remove", [*NO_NAMES, ["alice"], [f"u{n}" for n in range(501)]]),
    ("owner", ("username",), "username", [MISSING, None, *too_long(128), *NO_TEXT]),
    *(
        (name, (), "body", [{}, [], "carol", ["carol", "carol"], [f"u{n}" for n in range(501)]])
        for name in ("arrivals", "departures", "silence", "blacklist", "friends", "friendless")
    ),
    ("friends", (1,), "body[1]", [None, 1, True, [], {}, ["carol"]]),
    ("friends", (1,), "body", ["alice"]),
    ("blacklist", (1,), "body[1]", [None, 1, True, [], {}, ["carol"]]),
    ("notes", (), "body", [{}, [], "carol", [{"username": "carol"}] * 2, [{}] * 501]),
    ("notes", (0,), "body[0]", [None, 1, True, [], "carol"]),
    ("notes", (0, "username"), "body[0].username", [MISSING, None, *too_long(128), *NO_TEXT]),
    ("notes", (0, "note_name"), "body[0].note_name", [*too_long(64), "a\nb", "a\rb", *NO_TEXT]),
    ("notes", (0, "others"), "body[0].others", [*too_long(250), *NO_TEXT]),
    ("quiet", ("single",), "single", [1, "x", True, [1], ""]),
    ("quiet", ("single", "add"), "single.add", [MISSING, None, [], *NO_NAMES]),
    ("quiet", ("single", "remove"), "single.remove", [*NO_NAMES[1:], ["bobby"]]),
    ("switch", ("global",), "global", [-1, 2, *NO_NUMBER]),
]


@pytest.mark.parametrize("world", ["v1", "2015-02"], indirect=True)
def test_what_is_wrong_in_a_field_is_told_with_its_name(world, attempt):
    for name, place, told, values in WRONG:
        method, path, body = GOOD[name]
        for value in values:
            altered = without(body, place) if value is MISSING else replaced(body, place, value)
            reply = attempt(world.api, method, world.fill(path), raw(altered))

            refusal = reply.json()[0] if name == "users" else reply.json()
            what = (
                f"{name} {place} {str(value)[:80]!r}: {reply.status_code} {reply.content[:200]!r}"
            )
            assert reply.status_code == 400, what
            assert refusal["error"]["code"] == 899003, what
            assert refusal["error"]["message"].startswith((f"{told}: ", f"{told}[")), what


@pytest.mark.parametrize("day", ["0001-01-01", "0099-12-31", "1900-02-28", "9999-12-31"])
def test_the_first_and_the_last_days_come_back_as_they_were(world, day):
    assert world.api.call("put", "/v1/users/alice", {"birthday": day}).status_code < 300

    assert world.api.get("/v1/users/alice").json()["birthday"] == f"{day} 00:00:00"
