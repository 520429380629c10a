from django.db import migrations


class Migration(migrations.Migration):
    """A count that a crash may forget is not worth a write-ahead log."""

    dependencies = [("core", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE core_callwindow SET UNLOGGED",
            "ALTER TABLE core_callwindow SET LOGGED",
        ),
    ]
