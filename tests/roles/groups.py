"""Groups, chatrooms and their members."""

_GATHERING = {
    "all:export": "RO",
    "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "ROS", "add": "ROS", "delete": "",
    "add_members": "ROS", "transfer": "ROS", "heirs": "ROS", "dissolve": "ROS", "suggested": "ROSA",
}  # fmt: skip
_MEMBER = {
    "all:export": "RO", "all:silence": "RO", "all:let-speak": "RO", "all:remove": "RO",
    "changelist": "ROSA", "change": "ROSA", "history": "ROA", "save": "", "add": "", "delete": "",
    "remove": "ROS", "silence": "ROS", "let_speak": "ROS", "make_owner": "ROS",
    "list:remove_selected": "ROS", "list:silence_selected": "ROS", "list:let_speak_selected": "ROS",
}  # fmt: skip
SCREENS = {
    "groups_group": {**_GATHERING, "import_groups": "RO"},
    "groups_groupmember": _MEMBER,
    "groups_chatroom": _GATHERING,
    "groups_chatroommember": _MEMBER,
}
PAGES = {
    "import_sample_of_groups_csv": "ROS", "import_sample_of_groups_jsonl": "ROS",
}  # fmt: skip
