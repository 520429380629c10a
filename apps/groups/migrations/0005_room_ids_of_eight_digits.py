from django.db import migrations


class Migration(migrations.Migration):
    """As gids: known clients check a room's number as they check a username."""

    dependencies = [("groups", "0004_chatrooms")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE groups_chatroom ALTER COLUMN id RESTART WITH 10000000",
            migrations.RunSQL.noop,
        ),
    ]
