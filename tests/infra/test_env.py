"""Environment variables are read as what they should be, or refused by name."""

import stat
import threading
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from imserver import env

NAME = "IM_TEST_VARIABLE"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.delenv(f"{NAME}_FILE", raising=False)


READERS = [env.text, env.integer, env.boolean, env.words, env.secret]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_without_value_or_default_is_refused_by_name(reader, value, monkeypatch):
    if value is not None:
        monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=NAME):
        reader(NAME)


@pytest.mark.parametrize(
    ("reader", "default"),
    [
        (env.text, "a"),
        (env.integer, 0),
        (env.boolean, False),
        (env.boolean, True),
        (env.words, []),
        (env.words, ["a"]),
        (env.secret, ""),
    ],
)
def test_the_default_stands_in_for_a_missing_value(reader, default, monkeypatch):
    monkeypatch.setenv(NAME, "")
    assert reader(NAME, default) == default


def test_text_loses_the_spaces_around_it(monkeypatch):
    monkeypatch.setenv(NAME, " a b ")
    assert env.text(NAME) == "a b"


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("-3", -3), (" 10 ", 10)])
def test_an_integer_is_read(value, number, monkeypatch):
    monkeypatch.setenv(NAME, value)
    assert env.integer(NAME) == number


@pytest.mark.parametrize("value", ["1.5", "ten", "0x10", "1 2"])
def test_what_is_no_integer_is_refused(value, monkeypatch):
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is '{value}', not a whole number"):
        env.integer(NAME, 1)


def test_the_bounds_of_an_integer_belong_to_it(monkeypatch):
    for value, fits in [("0", False), ("1", True), ("9", True), ("10", False)]:
        monkeypatch.setenv(NAME, value)
        if fits:
            assert env.integer(NAME, minimum=1, maximum=9) == int(value)
        else:
            with pytest.raises(ImproperlyConfigured, match=f"{NAME} is {value}, but at"):
                env.integer(NAME, minimum=1, maximum=9)


@pytest.mark.parametrize("value", ["1", "true", "YES", "On"])
def test_a_yes_is_read(value, monkeypatch):
    monkeypatch.setenv(NAME, value)
    assert env.boolean(NAME, False) is True


@pytest.mark.parametrize("value", ["0", "False", "no", "OFF"])
def test_a_no_is_read(value, monkeypatch):
    monkeypatch.setenv(NAME, value)
    assert env.boolean(NAME, True) is False


def test_what_is_neither_yes_nor_no_is_refused(monkeypatch):
    monkeypatch.setenv(NAME, "maybe")
    with pytest.raises(ImproperlyConfigured, match=NAME):
        env.boolean(NAME, True)


def test_words_are_parted_by_commas(monkeypatch):
    monkeypatch.setenv(NAME, "a.example, b.example,,")
    assert env.words(NAME) == ["a.example", "b.example"]


def test_a_choice_is_one_of_the_given(monkeypatch):
    assert env.choice(NAME, "b", ["a", "b"]) == "b"
    monkeypatch.setenv(NAME, "a")
    assert env.choice(NAME, "b", ["a", "b"]) == "a"
    monkeypatch.setenv(NAME, "c")
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is 'c', not one of a, b"):
        env.choice(NAME, "b", ["a", "b"])


def test_a_secret_may_be_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text(" kept as it is \r\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    assert env.secret(NAME) == " kept as it is "


def test_a_secret_in_two_places_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv(NAME, "one")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match=f"Both {NAME} and {NAME}_FILE"):
        env.secret(NAME)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_secret_file_that_is_no_good_is_refused(content, monkeypatch, tmp_path):
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}_FILE: .*{tmp_path}/secret"):
        env.secret(NAME, "default")


def test_a_secret_key_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret_key"
    key = env.secret_key(path)
    assert len(key) == 64
    assert env.secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert env.secret_key(tmp_path / "other") != key


def test_all_who_make_a_secret_key_at_once_get_the_same(tmp_path):
    ready = threading.Barrier(8)
    keys = []

    def make() -> None:
        ready.wait()
        keys.append(env.secret_key(tmp_path / "secret_key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_an_empty_secret_key_is_refused(tmp_path):
    (tmp_path / "secret_key").touch()
    with pytest.raises(ImproperlyConfigured, match="secret_key is empty"):
        env.secret_key(tmp_path / "secret_key")


def test_what_is_made_lies_in_var_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("IM_VAR_DIR", raising=False)
    assert env.var_directory() == Path(__file__).resolve().parents[2] / "var"
    monkeypatch.setenv("IM_VAR_DIR", "/srv/im")
    assert env.var_directory() == Path("/srv/im")
