"""Who may call what of groups. The columns are told in `tests.authz`."""

SERVER = [
    ("GET", "/v1/users/bobby/groups", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/groups", {"owner_username": "bobby", "name": "x"}, 401, 201, 404, 401, 401),
    ("GET", "/v1/groups", None, 401, 200, 200, 401, 401),
    ("GET", "/v1/groups/{gid}", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/groups/{gid}", {"name": "x"}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/groups/{gid}", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/groups/owner/{gid}", {"username": "bobby"}, 401, 200, 404, 401, 401),
    ("GET", "/v1/groups/{gid}/members", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/groups/{gid}/members", {"add": ["carol"]}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/groups/{gid}/members", ["bobby"], 401, 200, 404, 401, 401),
]
CLIENT = [
    ("GET", "/client/v1/groups", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/groups", {"name": "x"}, 401, 401, 401, 201, 201),
    ("GET", "/client/v1/groups/{gid}", None, 401, 401, 401, 200, 403),
    ("PUT", "/client/v1/groups/{gid}", {"name": "x"}, 401, 401, 401, 204, 403),
    ("DELETE", "/client/v1/groups/{gid}", None, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/groups/{gid}/members", None, 401, 401, 401, 200, 403),
    ("POST", "/client/v1/groups/{gid}/members", {"add": ["carol"]}, 401, 401, 401, 204, 403),
    ("POST", "/client/v1/groups/{gid}/join", None, 401, 401, 401, 400, 403),
    ("POST", "/client/v1/groups/{gid}/leave", None, 401, 401, 401, 400, 403),
]
