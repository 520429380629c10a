"""docs/compatibility.md: what draft and final API have, and what this server answers, by its tests."""

import re
from collections import defaultdict
from typing import Any

from apps.core.api.dialects import dialect_of
from apps.core.api.operations import routes
from apps.core.management import evidence
from apps.core.management.evidence import Case, codes_in, is_versioned, shown_path

_HEAD = """\
# Compatibility

What this server answers, call by call, to apps that speak the draft of February 2015 (`2015-02`) and the
final API (`v1`). Written by `manage.py error_table` from the cases in [tests/contract](../tests/contract):
each is replayed in its dialects, the documented ones in every form of their paths: with and without `/v1` and
a slash at the end, and with doubled slashes.

*Draft* and *final* tell whether that API has the call; where neither has, it is ours. The statuses are those
of the documented example; a dash stands for a call that a dialect has not (404, or 405 where the path has
other calls). What is below `/client/v1` is ours, has no dialects and is left out: see [the
document](openapi.yaml).

| call | draft | final | `2015-02` | `v1` |
|---|---|---|---|---|
"""
_CASES = """
## What is shown of each call

In the order of the table. After each case stands what is answered, by dialect where they differ.
"""
_OTHER = "\n### Whatever is called\n\n"
_NO = "\N{EN DASH}"
_DOCUMENTED = "documented"
_SHOWN_AT_MOST = 6  # answers of one case


def compatibility_table() -> str:
    """The document."""
    calls: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for route in routes():
        if is_versioned(route.path) and not route.path.startswith("/client/"):
            calls[route.name].append((shown_path(route.path), route.method))
    by_operation: dict[str, list[Case]] = defaultdict(list)
    for case in evidence.cases():
        by_operation[case.operation].append(case)
    order = sorted(calls, key=lambda name: min(calls[name]))
    rows = [_row(name, sorted(calls[name]), by_operation[name]) for name in order]
    sections = [_section(sorted(calls[name]), by_operation[name]) for name in order]
    others = "".join(_bullet(case) for case in by_operation["errors"])
    return _HEAD + "".join(rows) + _CASES + "".join(sections) + _OTHER + others


def _row(name: str, calls: list[tuple[str, str]], cases: list[Case]) -> str:
    documented = next((case for case in cases if case.name == _DOCUMENTED), None)
    source = documented.source if documented else ""
    draft = "yes" if re.search(r"\bdraft", source) else _NO
    final = "yes" if re.search(r"\bfinal|official", source) else _NO
    if name in dialect_of("v1").lacks:
        final = _NO
    shown = "<br>".join(f"`{method} {path}`" for path, method in calls)
    answers = [_documented_answer(dialect, calls, documented) for dialect in ("2015-02", "v1")]
    return f"| {shown} | {draft} | {final} | {' | '.join(answers)} |\n"


def _documented_answer(dialect: str, calls: list[tuple[str, str]], case: Case | None) -> str:
    """Of the first exchange that makes the call."""
    for exchange in case.exchanges.get(dialect, []) if case else []:
        if any(_makes(exchange["call"], path, method) for path, method in calls):
            return _answer(exchange)
    return _NO


def _makes(call: str, path: str, method: str) -> bool:
    made, _, made_path = call.partition(" ")
    made_path = re.sub("/{2,}", "/", made_path.partition("?")[0]).rstrip("/")
    if not is_versioned(f"{made_path}/"):
        made_path = f"/v1{made_path}"
    pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
    return made == method and re.fullmatch(pattern, made_path) is not None


def _answer(exchange: dict[str, Any]) -> str:
    """`200 {}`, `204`, `403 899002`: the status and what comes with it, in a word."""
    status = str(exchange["status"])
    if "refused" in exchange:
        return f"{status} {exchange['refused']['code']}"
    if "reply" not in exchange:
        return f"{status}, no body" if status == "200" else status
    if exchange["reply"] == {}:
        return f"{status} `{{}}`"
    if numbers := sorted(set(codes_in(exchange["reply"]))):
        return f"{status} with {', '.join(map(str, numbers))} in it"
    return status


def _section(calls: list[tuple[str, str]], cases: list[Case]) -> str:
    heading = ", ".join(f"`{method} {path}`" for path, method in calls)
    ordered = sorted(cases, key=lambda case: (case.name != _DOCUMENTED, case.name))
    return f"\n### {heading}\n\n" + "".join(_bullet(case) for case in ordered)


def _bullet(case: Case) -> str:
    told = {dialect: _answers(exchanges) for dialect, exchanges in case.exchanges.items()}
    if len(told) == len(evidence.DIALECTS) and len(set(told.values())) == 1:
        answers = told["v1"]
    else:
        answers = "; ".join(f"`{dialect}`: {told[dialect]}" for dialect in sorted(told))
    return f"- {case.what} ([{case.name}](../{case.path}), after {case.source}) {answers}.\n"


def _answers(exchanges: list[dict[str, Any]]) -> str:
    shown = [_answer(exchange) for exchange in exchanges]
    rest = len(shown) - _SHOWN_AT_MOST
    return ", ".join([*shown[:_SHOWN_AT_MOST], *([f"and {rest} more"] if rest > 0 else [])])
