"""Who may call what across apps. The columns are told in `tests.authz`; no app has a grant for another."""

_NAMES = [{"appkey": "x" * 24, "usernames": ["carol"]}]
_FRIENDS = {"appkey": "x" * 24, "users": ["carol"]}
_NOTES = [{"appkey": "x" * 24, "username": "carol", "note_name": "C"}]
_QUIET = [{"appkey": "x" * 24, "single": {"add": ["carol"]}}]
_KEYLESS = [{"appkey": "x" * 24, "add": ["carol"]}]

SERVER = [
    ("GET", "/v1/cross/groups/{gid}/members", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/cross/groups/{gid}/members", _KEYLESS, 401, 400, 400, 401, 401),
    ("POST", "/v1/cross/chatroom/10000001/members", _KEYLESS, 401, 400, 400, 401, 401),
    ("GET", "/v1/cross/users/bobby/groups", None, 401, 200, 404, 401, 401),
    ("GET", "/v1/cross/users/bobby/blacklist", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/cross/users/bobby/blacklist", _NAMES, 401, 400, 400, 401, 401),
    ("DELETE", "/v1/cross/users/bobby/blacklist", _NAMES, 401, 400, 400, 401, 401),
    ("POST", "/v1/cross/users/bobby/friends", _FRIENDS, 401, 400, 400, 401, 401),
    ("DELETE", "/v1/cross/users/bobby/friends", _FRIENDS, 401, 400, 400, 401, 401),
    ("PUT", "/v1/cross/users/bobby/friends", _NOTES, 401, 400, 400, 401, 401),
    ("POST", "/v1/cross/users/bobby/nodisturb", _QUIET, 401, 400, 400, 401, 401),
]
CLIENT = [
    ("GET", "/client/v1/apps", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/cross/friends", _FRIENDS, 401, 401, 401, 400, 400),
    ("DELETE", "/client/v1/cross/friends", _FRIENDS, 401, 401, 401, 400, 400),
    ("PUT", "/client/v1/cross/friends", _NOTES, 401, 401, 401, 400, 400),
    ("PUT", "/client/v1/cross/blocks", _NAMES, 401, 401, 401, 400, 400),
    ("DELETE", "/client/v1/cross/blocks", _NAMES, 401, 401, 401, 400, 400),
    ("POST", "/client/v1/cross/no-disturb", _QUIET, 401, 401, 401, 400, 400),
]
