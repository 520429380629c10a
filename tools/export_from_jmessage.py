"""Fetch an app's users, groups, relations and history over the REST API that it leaves.

    python3 tools/export_from_jmessage.py --app-key KEY --out export < file_with_the_master_secret

Needs Python 3.8 or newer and nothing else, so it can run where the old service is reached from. It writes
users.jsonl, groups.jsonl, friends.jsonl, blacklists.jsonl and history.jsonl, as the import_ commands take
them. Passwords are in no API: they stay behind unless the old service hands out their MD5s.
"""

import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

ALL_AT_ONCE = 500
MESSAGES_AT_ONCE = 1000
LONGEST_WINDOW = timedelta(days=7) - timedelta(seconds=1)
TIME = "%Y-%m-%d %H:%M:%S"
TRIES = 6


class Api:
    """GET calls, which wait when there were too many."""

    def __init__(self, app_key, master_secret):
        pair = base64.b64encode(f"{app_key}:{master_secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}

    def get(self, host, path, **query):
        url = f"{host}{path}"
        if query:
            url += f"?{urllib.parse.urlencode(query)}"
        for left in reversed(range(TRIES)):
            try:
                asked = urllib.request.Request(url, headers=self._headers)  # noqa: S310 the caller's host
                with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 500, 502, 503, 504) or not left:
                    sys.exit(f"GET {url}: {error.code} {error.read().decode(errors='replace')}")
                time.sleep(int(error.headers.get("X-Rate-Limit-Reset") or 5) + 1)
        return None

    def pages(self, host, path, name):
        """The items of a list that is asked for by `start` and `count`."""
        start = 0
        while True:
            page = self.get(host, path, start=start, count=ALL_AT_ONCE)
            yield from page[name]
            start += len(page[name])
            if not page[name] or start >= page["total"]:
                return


def users(api, args):
    """All users, API admins among them."""
    admins = {user["username"] for user in api.pages(args.host, "/v1/admins/", "users")}
    seen = set()
    for path in ("/v1/users/", "/v1/admins/"):
        for user in api.pages(args.host, path, "users"):
            if user["username"] not in seen:
                seen.add(user["username"])
                yield {**user, "is_admin": user["username"] in admins}


def groups(api, args):
    """All groups, with their members; whose owner is flagged there."""
    for group in api.pages(args.host, "/v1/groups/", "groups"):
        members = api.get(args.host, f"/v1/groups/{group['gid']}/members/")
        yield {**group, "members": members}


def _names(args):
    with (args.out / "users.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield urllib.parse.quote(json.loads(line)["username"]), json.loads(line)["username"]


def friends(api, args):
    """Who is whose friend, under which note. A call for each user."""
    for quoted, username in _names(args):
        for friend in api.get(args.host, f"/v1/users/{quoted}/friends"):
            told = {"username": username, "friend": friend["username"]}
            notes = {name: friend[name] for name in ("note_name", "others") if friend.get(name)}
            yield {**told, **notes}


def blacklists(api, args):
    """Who blocks whom. A call for each user."""
    for quoted, username in _names(args):
        for blocked in api.get(args.host, f"/v1/users/{quoted}/blacklist"):
            yield {"username": username, "blocked": blocked["username"]}


def history(api, args):
    """What was said, oldest first, in windows of a week."""
    zone = timezone(timedelta(hours=args.utc_offset))
    now = datetime.now(zone).replace(microsecond=0)
    begin = now - timedelta(days=args.days)
    while begin <= now:
        end = min(begin + LONGEST_WINDOW, now)
        query = {
            "count": MESSAGES_AT_ONCE,
            "begin_time": begin.strftime(TIME),
            "end_time": end.strftime(TIME),
        }
        while query:
            page = api.get(args.report_host, "/v2/messages", **query)
            yield from page["messages"]
            query = {"cursor": page["cursor"]} if page.get("cursor") else {}
        begin = end + timedelta(seconds=1)


KINDS = {
    "users": users,
    "groups": groups,
    "friends": friends,
    "blacklists": blacklists,
    "history": history,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--app-key", required=True)
    parser.add_argument("--out", type=Path, required=True, help="a directory to write to")
    parser.add_argument("--host", default="https://api.im.jpush.cn")
    parser.add_argument("--report-host", default="https://report.im.jpush.cn")
    parser.add_argument("--days", type=int, default=60, help="of history (60)")
    parser.add_argument("--utc-offset", type=float, default=8, help="of the service's times (8)")
    parser.add_argument("--only", choices=KINDS, nargs="+", default=list(KINDS))
    args = parser.parse_args()
    secret = sys.stdin.readline().strip()
    if not secret:
        parser.error("the master secret is read from the standard input")
    args.out.mkdir(parents=True, exist_ok=True)
    api = Api(args.app_key, secret)
    for kind in args.only:
        count = 0
        with (args.out / f"{kind}.jsonl").open("w", encoding="utf-8") as file:
            for row in KINDS[kind](api, args):
                file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
                count += 1
        print(f"{kind}: {count}")


if __name__ == "__main__":
    main()
