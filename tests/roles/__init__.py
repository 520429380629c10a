"""The matrix of roles: who may open which screen of the console, and do what there.

A module for each Django app. Roles are letters: R superuser, O app owner, S support, A auditor. A screen is a
model's (`accounts_user`) and, within it, a page, or a button that leads to one; `save` is the button of the
form, `list:...` an action on ticked rows. Pages that belong to no model are in `PAGES`. Whoever is not named
is refused; nobody at all is `""`.
"""

from tests.roles import accounts, core, groups, messaging, webhooks

SCREENS: dict[str, dict[str, str]] = {
    **core.SCREENS,
    **accounts.SCREENS,
    **groups.SCREENS,
    **messaging.SCREENS,
    **webhooks.SCREENS,
}
PAGES: dict[str, str] = {
    "index": "ROSA",
    "password_change": "ROSA",
    "password_change_done": "ROSA",
    "app_list:core": "ROSA",
    "app_list:accounts": "ROSA",
    "app_list:groups": "ROSA",
    "app_list:messaging": "ROSA",
    **core.PAGES,
    **accounts.PAGES,
    **groups.PAGES,
    **messaging.PAGES,
    "system": "R",
    "time_zone": "ROSA",
}
