"""What the property tests share: how many examples they try, and strategies.

Imported before a test is declared, since a test takes its settings then.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

# Under the load of other tests an example may take any time; the database is emptied after the test alone.
settings.register_profile(
    "imserver",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("imserver")

#: Whatever PostgreSQL and UTF-8 can hold.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
