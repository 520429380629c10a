"""Webhooks: telling an app's own server what happens. An add-on: nothing else knows of it."""
