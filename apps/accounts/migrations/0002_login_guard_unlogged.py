from django.db import migrations


class Migration(migrations.Migration):
    """A count that a crash may forget is not worth a write-ahead log."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE accounts_loginguard SET UNLOGGED",
            "ALTER TABLE accounts_loginguard SET LOGGED",
        ),
    ]
