"""What the console adds to the admin: charts on the home page, and the state of the server."""

from __future__ import annotations

from apps.console.admin import charts as charts
from apps.console.admin import system as system
