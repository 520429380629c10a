"""Names of which the app has no users."""

ABSENT = ("nobody", "mallory", "ca\0rol")
"""Nobody's, one of another app's, and what is no name."""
