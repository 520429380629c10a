"""Real processes, started as the tests of servers start them."""

from tests.infra.conftest import home as home
from tests.infra.conftest import start as start
