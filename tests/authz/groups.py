"""Who may call what of groups. The columns are told in `tests.authz`."""

SILENCE = "/v1/groups/messages/{gid}/silence"

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
    ("POST", "/v2/groups/{gid}/addMembers", ["carol"], 401, 204, 404, 401, 401),
    ("POST", "/v2/groups/{gid}/delMembers", ["bobby"], 401, 204, 404, 401, 401),
    ("PUT", f"{SILENCE}?status=true", ["bobby"], 401, 204, 404, 401, 401),
    ("POST", "/v1/users/bobby/groupsShield", {"add": [1]}, 401, 404, 404, 401, 401),
    ("POST", "/v1/users/bobby/nodisturb", {"global": 1}, 401, 204, 404, 401, 401),
]
CLIENT = [
    ("GET", "/client/v1/groups", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/groups", {"name": "x"}, 401, 401, 401, 201, 201),
    ("GET", "/client/v1/groups/{gid}", None, 401, 401, 401, 200, 403),
    ("PUT", "/client/v1/groups/{gid}", {"name": "x"}, 401, 401, 401, 204, 403),
    ("DELETE", "/client/v1/groups/{gid}", None, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/groups/{gid}/members", None, 401, 401, 401, 200, 403),
    ("POST", "/client/v1/groups/{gid}/members", {"add": ["carol"]}, 401, 401, 401, 204, 403),
    ("PUT", "/client/v1/groups/{gid}/silence?status=1", ["bobby"], 401, 401, 401, 204, 403),
    ("GET", "/client/v1/no-disturb", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/no-disturb", {"single": {"add": ["bobby"]}}, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/shields", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/shields", {"add": [1]}, 401, 401, 401, 403, 403),
    ("POST", "/client/v1/groups/{gid}/join", None, 401, 401, 401, 400, 403),
    ("POST", "/client/v1/groups/{gid}/leave", None, 401, 401, 401, 400, 403),
]
