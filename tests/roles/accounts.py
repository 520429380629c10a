"""Users, their sessions and blocks; operators."""

SCREENS = {
    "accounts_user": {
        "all:export": "RO", "all:disable": "RO", "all:enable": "RO", "all:log-out": "RO", "all:delete": "RO",
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "ROS", "add": "ROS",
        "delete": "ROS", "new_password": "ROS", "log_out": "ROS", "block": "ROS", "enable": "ROS",
        "disable": "ROS", "list:disable_selected": "ROS", "list:enable_selected": "ROS",
        "list:log_out_selected": "ROS", "list:delete_these": "ROS", "import_users": "RO",
        "suggested": "ROSA",
    },
    "accounts_block": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
        "unblock": "ROS", "list:unblock_selected": "ROS",
    },
    "accounts_friendship": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
    },
    "accounts_clientsession": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
        "end": "ROS", "list:end_selected": "ROS",
    },
    "accounts_operator": {
        "changelist": "R", "change": "R", "history": "R", "save": "R", "add": "R", "delete": "",
        "new_password": "R", "reset_two_factor": "R",
    },
}  # fmt: skip
PAGES = {
    "import_sample_of_users_csv": "ROS", "import_sample_of_users_jsonl": "ROS", "two_factor": "ROSA",
}  # fmt: skip
