"""Groups and their members."""

SCREENS = {
    "groups_group": {
        "all:export": "RO",
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "ROS", "add": "ROS", "delete": "",
        "add_members": "ROS", "transfer": "ROS", "dissolve": "ROS",
    },
    "groups_groupmember": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "", "add": "", "delete": "",
        "remove": "ROS", "silence": "ROS", "let_speak": "ROS", "list:remove_selected": "ROS",
        "list:silence_selected": "ROS", "list:let_speak_selected": "ROS",
    },
    "groups_chatroom": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "ROS", "add": "ROS", "delete": "",
        "add_members": "ROS", "transfer": "ROS", "dissolve": "ROS",
    },
    "groups_chatroommember": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "", "add": "", "delete": "",
        "remove": "ROS", "mute": "ROS", "unmute": "ROS", "list:remove_selected": "ROS",
        "list:mute_selected": "ROS", "list:unmute_selected": "ROS",
    },
}  # fmt: skip
