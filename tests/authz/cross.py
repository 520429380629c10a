"""Who may call what across apps. The columns are told in `tests.authz`; no app has a grant for another."""

_KEYLESS = [{"appkey": "x" * 24, "add": ["carol"]}]

SERVER = [
    ("GET", "/v1/cross/groups/{gid}/members", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/cross/groups/{gid}/members", _KEYLESS, 401, 400, 400, 401, 401),
    ("GET", "/v1/cross/users/bobby/groups", None, 401, 200, 404, 401, 401),
]
