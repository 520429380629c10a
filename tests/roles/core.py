"""Apps, their secrets, the grants between them, the audit."""

SCREENS = {
    "core_app": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "RO", "add": "R", "delete": "R",
        "new_secret": "RO", "suspend": "RO", "resume": "RO", "go_on_deleting": "R",
    },
    "core_appsecret": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "", "delete": "",
        "end": "RO",
    },
    "core_job": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "", "delete": "",
        "progress": "ROA", "cancel": "RO", "download": "",
    },
    "core_crossappgrant": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "RO", "delete": "",
        "revoke": "RO",
    },
    "core_auditentry": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "", "delete": "",
    },
}  # fmt: skip
PAGES: dict[str, str] = {}
