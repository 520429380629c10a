from django.db import migrations


class Migration(migrations.Migration):
    """As gids: one look for every number that the server assigns."""

    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE messaging_message ALTER COLUMN id RESTART WITH 10000000",
            migrations.RunSQL.noop,
        ),
    ]
