from django.db import migrations


class Migration(migrations.Migration):
    """As for groups: what was committed since the statement that calls it began."""

    dependencies = [
        ('groups', '0007_chatroom_spans_apps'),
        ('messaging', '0018_chatrooms_across_apps'),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION messaging_room_spans_apps(room_id bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
            BEGIN
                RETURN EXISTS (SELECT FROM groups_chatroom WHERE id = room_id AND spans_apps);
            END
            $$
            """,
            "DROP FUNCTION messaging_room_spans_apps(bigint)",
        ),
    ]
