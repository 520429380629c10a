"""What the scripts of the web chat say. What the page itself says is in its template."""

from django.utils.translation import gettext_lazy as _

#: Name in the scripts -> text. Names in braces are filled in by the scripts.
_TEXTS = {
    # The connection
    "connecting": _("Connecting…"),
    "online": _("Online"),
    "reconnecting": _("Reconnecting…"),
    "offline": _("Offline"),
    "waiting": _("No connection. Next try in {seconds} s."),
    "session_ended": _("Your session has ended. Please sign in again."),
    # The list
    "unread": _("Unread: {count}"),
    "you_said": _("You: {text}"),
    "they_said": _("{name}: {text}"),
    "nothing_said": _("No messages yet"),
    "page_title": _("Chat"),
    "page_title_unread": _("({count}) Chat"),
    # The thread
    "today": _("Today"),
    "yesterday": _("Yesterday"),
    "you": _("You"),
    "loading": _("Loading earlier messages…"),
    "beginning": _("The conversation begins here."),
    "typing": _("{names} is typing…"),
    "typing_many": _("{names} are typing…"),
    "name_joint": _(", "),
    "sending": _("Sending"),
    "sent": _("Sent"),
    "read": _("Seen"),
    "not_sent": _("Not sent: {reason}"),
    "retracted": _("This message was retracted."),
    "closed": _("You can no longer write here."),
    "write_to": _("Message to {name}"),
    "too_long": _("Too long by {bytes} bytes"),
    "deleted_user": _("Deleted user"),
    # What is not text
    "image": _("[Image]"),
    "voice": _("[Voice message]"),
    "file": _("[File]"),
    "video": _("[Video]"),
    "location": _("[Location]"),
    "custom": _("[Message of another program]"),
    # What happened to a group
    "create_group": _("The group was created."),
    "add_members": _("Joined the group: {names}"),
    "remove_members": _("Removed from the group: {names}"),
    "exit_group": _("Left the group: {names}"),
    "change_owner": _("The group's owner is now {names}."),
    "update_group": _("The group's details were changed."),
    "dissolve_group": _("The group was dissolved."),
    "silence_members": _("May not speak in the group any more: {names}"),
    "unsilence_members": _("May speak in the group again: {names}"),
    "retract_message": _("A message was retracted."),
    # Dialogs
    "owner": _("Owner"),
    "remove": _("Remove"),
    "remove_named": _("Remove {name}"),
    "this_device": _("this device"),
    "device_online": _("online"),
    "last_seen": _("last seen {time}"),
    "end_session": _("Log out"),
    "end_session_of": _("Log out: {device}"),
    "platform_a": _("Android"),
    "platform_i": _("iOS"),
    "platform_j": _("Server"),
    "platform_w": _("Web"),
    # Refusals, by their number
    "error_801006": _("This user is disabled."),
    "error_803005": _("You are not in this group."),
    "error_803007": _("The message is too long."),
    "error_803008": _("This person does not accept messages from you."),
    "error_803010": _("Too many messages. Wait a moment."),
    "error_803012": _("You may not speak in this group at present."),
    "error_855001": _("It is too late to retract this message."),
    "error_855002": _("Only its sender can retract a message."),
    "error_855003": _("There is no such message."),
    "error_855004": _("The message has been retracted already."),
    "error_898004": _("Wrong username or password."),
    "error_899002": _("There is no such user."),
    "error_899006": _("There is no such group."),
    "error_899009": _("There is no such app."),
    "error_899011": _("Already a member of the group."),
    "error_899012": _("The group is full."),
    "error_899014": _("Not a member of the group."),
    "error_899015": _("Too many groups."),
    "error_899016": _("You may not send messages."),
    "error_2001": _("Too many tries. Try again in {seconds} s."),
    "error_2003": _("This app is suspended."),
    "unreachable": _("The server cannot be reached."),
    "failed": _("That did not work: {reason}"),
}


def texts() -> dict[str, str]:
    """All of them, in the language of the request."""
    return {name: str(text) for name, text in _TEXTS.items()}
