"""The benchmarks keep step with what they measure."""

from tests.benchmarks.ceiling import script


def test_the_ceiling_gives_every_value_that_a_send_takes():
    assert "%(" not in script(app_id=1)
