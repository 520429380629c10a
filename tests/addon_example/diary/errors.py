"""The add-on's own refusals, in a range of its own: a number taken twice stops the server at its start."""

from apps.core.errors import ErrorCode

SHOUTING = ErrorCode(1_000_001, 403, "Not so loud")
NOTHING_WRITTEN = ErrorCode(1_000_002, 403, "The diary is empty")
