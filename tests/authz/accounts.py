"""Who may call what of users. The columns are told in `tests.authz`."""

NEW = {"username": "someone", "password": "password"}

SERVER = [
    ("POST", "/v1/users", [NEW], 401, 201, 201, 401, 401),
    ("GET", "/v1/users", None, 401, 200, 200, 401, 401),
    ("DELETE", "/v1/users", ["bobby"], 401, 200, 404, 401, 401),
    ("GET", "/v1/users/bobby", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/users/bobby", {"nickname": "Bob"}, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/users/bobby", None, 401, 200, 404, 401, 401),
    ("PUT", "/v1/users/bobby/password", {"new_password": "word"}, 401, 200, 404, 401, 401),
    ("GET", "/v1/users/bobby/userstat", None, 401, 200, 404, 401, 401),
    ("POST", "/v1/users/userstat", ["bobby"], 401, 200, 404, 401, 401),
    ("POST", "/v2/users/statuser", ["bobby"], 401, 200, 200, 401, 401),
    ("POST", "/v1/users/bobby/sessions", {"platform": "a"}, 401, 201, 404, 401, 401),
    ("GET", "/v1/users/bobby/sessions", None, 401, 200, 404, 401, 401),
    ("DELETE", "/v1/users/bobby/sessions", None, 401, 204, 404, 401, 401),
    ("DELETE", "/v1/users/alice/sessions/{session}", None, 401, 204, 404, 401, 401),
    ("GET", "/v1/sdkregister/status", None, 401, 200, 200, 401, 401),
    ("PUT", "/v1/sdkregister/status?status=1", None, 401, 204, 204, 401, 401),
    ("POST", "/v1/admins", NEW, 401, 404, 404, 401, 401),
    ("GET", "/v1/admins", None, 401, 404, 404, 401, 401),
]
CLIENT = [
    ("POST", "/client/v1/users", None, 400, 400, 400, 400, 400),
    ("POST", "/client/v1/sessions", None, 400, 400, 400, 400, 400),
    ("GET", "/client/v1/sessions", None, 401, 401, 401, 200, 200),
    ("POST", "/client/v1/sessions/current/renewal", None, 401, 401, 401, 200, 200),
    ("DELETE", "/client/v1/sessions/{session}", None, 401, 401, 401, 204, 403),
    ("GET", "/client/v1/me", None, 401, 401, 401, 200, 200),
    ("PUT", "/client/v1/me", {"nickname": "x"}, 401, 401, 401, 204, 204),
    ("PUT", "/client/v1/me/password", None, 401, 401, 401, 400, 400),
    ("GET", "/client/v1/blocks", None, 401, 401, 401, 200, 200),
    ("PUT", "/client/v1/blocks", ["bobby"], 401, 401, 401, 204, 403),
    ("DELETE", "/client/v1/blocks", ["carol"], 401, 401, 401, 400, 403),
]
