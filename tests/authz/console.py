"""Who may call what of statistics. The columns are told in `tests.authz`."""

DAY = "time_unit=DAY&start=2015-02-13&duration=1"

SERVER = [
    ("GET", f"/v2/statistic/users?{DAY}", None, 401, 200, 200, 401, 401),
    ("GET", f"/v2/statistic/messages?{DAY}", None, 401, 200, 200, 401, 401),
    ("GET", f"/v2/statistic/groups?{DAY}", None, 401, 200, 200, 401, 401),
]
