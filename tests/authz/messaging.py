"""Who may call what of messages. The columns are told in `tests.authz`."""

TEXT = {
    "version": 1,
    "target_type": "single",
    "target_id": "bobby",
    "from_type": "user",
    "from_id": "alice",
    "msg_type": "text",
    "msg_body": {"content": "hello"},
}
SPOKEN = {**TEXT, "msg_body": {"text": "hello"}}
DAY = "count=1&begin_time=2015-02-13+00:00:00&end_time=2015-02-14+00:00:00"

SERVER = [
    ("GET", "/v1/users/bobby/sync", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/messages", TEXT, 401, 200, 404, 401, 401),
    ("POST", "/v1/resource?type=image", None, 401, 400, 400, 401, 401),
    ("GET", "/v1/resource?mediaId=qiniu/image/j/0", None, 401, 400, 400, 401, 401),
    ("GET", "/v1/sensitiveword", None, 401, 200, 200, 401, 401),
    ("POST", "/v1/sensitiveword", ["bad"], 401, 204, 204, 401, 401),
    ("PUT", "/v1/sensitiveword", {"old_word": "x", "new_word": "y"}, 401, 400, 400, 401, 401),
    ("DELETE", "/v1/sensitiveword", {"word": "x"}, 401, 400, 400, 401, 401),
    ("GET", "/v1/sensitiveword/status", None, 401, 200, 200, 401, 401),
    ("PUT", "/v1/sensitiveword/status?status=1", None, 401, 204, 204, 401, 401),
    ("GET", "/v1/messages?count=1", None, 401, 200, 200, 401, 401),
    ("GET", "/v1/users/bobby/messages?count=1", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/messages/alice/99999999/retract", None, 401, 403, 404, 401, 401),
    ("GET", f"/v2/messages?{DAY}", None, 401, 200, 200, 401, 401),
    ("GET", f"/v2/users/bobby/messages?{DAY}", None, 401, 200, 404, 401, 401),
    ("GET", f"/v2/groups/{{gid}}/messages?{DAY}", None, 401, 200, 404, 401, 401),
    ("GET", f"/v2/chatrooms/{{room}}/messages?{DAY}", None, 401, 200, 403, 401, 401),
]
CLIENT = [
    ("POST", "/client/v1/media?type=image", None, 401, 401, 401, 400, 400),
    ("GET", "/client/v1/media?media_id=qiniu/image/j/0", None, 401, 401, 401, 400, 400),
    ("POST", "/client/v1/messages", SPOKEN, 401, 401, 401, 201, 403),
    ("POST", "/client/v1/messages/99999999/retract", None, 401, 401, 401, 403, 403),
    ("POST", "/client/v1/chatrooms/{room}/enter", None, 401, 401, 401, 200, 403),
    ("GET", "/client/v1/sync", None, 401, 401, 401, 200, 200),
    ("GET", "/client/v1/conversations", None, 401, 401, 401, 200, 200),
    ("GET", "/client/v1/conversations/{talk}/messages", None, 401, 401, 401, 200, 403),
    ("PUT", "/client/v1/conversations/{talk}/read", {"msg_id": 1}, 401, 401, 401, 403, 403),
    ("POST", "/client/v1/conversations/{talk}/typing", None, 401, 401, 401, 204, 403),
]
