"""The authorisation matrix, a module for the paths of each app.

A row has a method, a path and a body; then the status for: nobody, the app's server, another app's server,
alice of the app in a session of hers, mallory of the other app in one of hers. The apps speak the draft. What
is another app's is absent: 404 or 403, never "not yours". alice owns the group and the chatroom; bobby is in
both.
"""

from tests.authz import accounts, console, cross, groups, messaging

SERVER = [
    *accounts.SERVER,
    *groups.SERVER,
    *messaging.SERVER,
    *console.SERVER,
    *cross.SERVER,
]
CLIENT = [*accounts.CLIENT, *groups.CLIENT, *messaging.CLIENT, *cross.CLIENT]
MATRIX = [*SERVER, *CLIENT]
