"""Messages, conversations and who reads them."""

SCREENS = {
    "messaging_message": {
        "all:export": "RO",
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
        "read": "ROA", "retract": "RO", "list:retract_selected": "RO",
    },
    "messaging_conversation": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
        "read": "ROA",
    },
    "messaging_participant": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
    },
    "messaging_media": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
        "show_images": "ROA", "look": "ROA", "remove": "RO", "list:remove_selected": "RO",
    },
    "messaging_sensitiveword": {
        "changelist": "ROA", "change": "ROA", "history": "ROA", "save": "", "add": "", "delete": "",
        "add_some": "RO", "try_out": "ROA", "remove": "RO", "list:remove_selected": "RO",
    },
}  # fmt: skip
PAGES = {"compose": "RO"}
