from django.db import migrations


class Migration(migrations.Migration):
    """Known clients check a gid as they check a username: it needs at least four characters."""

    dependencies = [("groups", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE groups_group ALTER COLUMN id RESTART WITH 10000000",
            migrations.RunSQL.noop,
        ),
    ]
