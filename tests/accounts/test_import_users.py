"""`manage.py import_users`, as a command: what it says, what it writes, what it refuses."""

import io

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.services.importing import USERS
from apps.core.errors import ImError
from apps.core.importing import Row
from apps.core.services.import_runs import begin_import, run_import

RESULTS = """row,key,result,code,message
1,alice,ok,0,
2,bo,error,899003,username: must be at least 4 bytes in UTF-8
3,bobby,ok,0,
4,alice,error,899001,User exist
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("username,nickname\nalice,A\nbo,B\nbobby,B\nalice,B\n")
    return path


def run(*words, **options):
    out = io.StringIO()
    call_command("import_users", *map(str, words), stdout=out, **options)
    return out.getvalue()


def test_it_says_what_became_of_each_row(app, file):
    said = run(app.app_key, file)

    results = file.with_name("users.csv.results.csv")
    assert said == f"2 imported, 2 refused. Row by row: {results}\n"
    assert results.read_text() == RESULTS
    assert sorted(user.username for user in app.users.all()) == ["alice", "bobby"]


def test_a_dry_run_says_the_same_and_stores_nothing(app, file):
    said = run(app.app_key, file, dry_run=True)

    assert said.startswith("2 could be imported, 2 refused.")
    assert file.with_name("users.csv.results.csv").read_text() == RESULTS
    assert not app.users.exists()
    assert not app.import_runs.exists()


def test_a_dry_run_sees_a_name_again_in_another_batch(app, tmp_path):
    path = tmp_path / "users.jsonl"
    path.write_text("".join(f'{{"username": "user{number % 600}"}}\n' for number in range(1200)))

    assert run(app.app_key, path, dry_run=True).startswith("600 could be imported, 600 refused.")


def test_a_file_that_was_imported_can_be_imported_again(app, file):
    run(app.app_key, file)

    assert run(app.app_key, file).startswith("0 imported, 4 refused.")


def test_several_files_are_one_and_may_be_in_an_old_encoding(app, file, tmp_path):
    other = tmp_path / "more.csv"
    other.write_bytes("username,nickname\ncarol,卡罗\n".encode("gb18030"))

    run(app.app_key, file, other, encoding="gb18030", results=tmp_path / "results.csv")

    assert app.users.by_username("carol").nickname == "卡罗"
    assert (tmp_path / "results.csv").read_text().endswith("5,carol,ok,0,\n")


@pytest.mark.parametrize(
    ("content", "options", "text"),
    [
        (b"username,pasword\n", {}, "column 'pasword'"),
        ("username\n卡罗\n".encode("gb18030"), {}, "tell another --encoding"),
        (b"username\n", {"encoding": "klingon"}, "klingon"),
    ],
)
def test_a_file_that_is_not_as_told_is_refused(content, options, text, app, tmp_path):
    path = tmp_path / "users.csv"
    path.write_bytes(content)

    with pytest.raises(CommandError, match=text):
        run(app.app_key, path, **options)
    assert not app.users.exists()


def test_a_missing_file_and_an_unknown_app_are_named(app, tmp_path):
    with pytest.raises(CommandError, match=r"missing\.csv"):
        run(app.app_key, tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="no app with the key nothing"):
        run("nothing", tmp_path / "missing.csv")


def test_the_results_of_another_file_are_not_written_over(app, tmp_path):
    run_of = begin_import(app=app, kind="users", digest=b"a" * 32)
    rows = [Row(number, {"username": f"user{number}"}) for number in range(1, 5)]
    with (tmp_path / "one.csv").open("w+b") as out:
        next(run_import(app=app, run=run_of, importer=USERS, rows=rows, results=out, batch=2))

    again = begin_import(app=app, kind="users", digest=b"a" * 32)
    assert again.position == 2
    with (tmp_path / "other.csv").open("w+b") as out, pytest.raises(ImError, match="results"):
        next(run_import(app=app, run=again, importer=USERS, rows=rows, results=out))


def test_two_processes_do_not_import_the_same_file_at_once(app, tmp_path):
    rows = [Row(number, {"username": f"user{number}"}) for number in range(1, 5)]
    mine = begin_import(app=app, kind="users", digest=b"a" * 32)
    theirs = begin_import(app=app, kind="users", digest=b"a" * 32)
    with (tmp_path / "a").open("w+b") as one, (tmp_path / "b").open("w+b") as other:
        next(run_import(app=app, run=mine, importer=USERS, rows=rows, results=one, batch=2))

        with pytest.raises(ImError, match="another process"):
            next(run_import(app=app, run=theirs, importer=USERS, rows=rows, results=other))
    assert app.users.count() == 2


def test_from_the_first_row_if_told_so(app, file):
    run_of = begin_import(app=app, kind="users", digest=b"a" * 32)

    afresh = begin_import(app=app, kind="users", digest=b"a" * 32, afresh=True)

    assert afresh.pk != run_of.pk
    assert app.import_runs.unfinished().get() == afresh
