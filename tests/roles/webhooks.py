"""Webhooks and what they were told."""

SCREENS = {
    "webhooks_endpoint": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "RO", "add": "RO", "delete": "",
        "send_test": "RO", "new_secret": "RO", "pause": "RO", "resume": "RO", "remove": "RO",
    },
    "webhooks_delivery": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "", "delete": "",
        "retry": "RO", "list:retry_selected": "RO",
    },
}  # fmt: skip
