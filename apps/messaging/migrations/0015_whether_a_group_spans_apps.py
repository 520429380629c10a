from django.db import migrations


class Migration(migrations.Migration):
    """A function that sees what was committed since the statement that calls it began: see `apps.messaging.log`."""

    dependencies = [
        ('groups', '0006_group_spans_apps'),
        ('messaging', '0014_index_of_origins'),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE FUNCTION messaging_spans_apps(gid bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
            BEGIN
                RETURN EXISTS (SELECT FROM groups_group WHERE id = gid AND spans_apps);
            END
            $$
            """,
            "DROP FUNCTION messaging_spans_apps(bigint)",
        ),
    ]
