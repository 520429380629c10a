"""Groups and their members."""

SCREENS = {
    "groups_group": {
        "all:export": "RO",
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "ROS", "add": "ROS", "delete": "",
        "add_members": "ROS", "transfer": "ROS", "dissolve": "ROS",
    },
    "groups_groupmember": {
        "changelist": "ROSA", "change": "ROSA", "history": "ROSA", "save": "", "add": "", "delete": "",
        "remove": "ROS", "list:remove_selected": "ROS",
    },
}  # fmt: skip
