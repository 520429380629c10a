from django.db import migrations, models

_INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY messaging_message_imported ON messaging_message (app_id, source_id)
WHERE source_id IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False  # the log is not locked while its index is built

    dependencies = [
        ('messaging', '0008_message_source_id'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_INDEX, "DROP INDEX CONCURRENTLY messaging_message_imported"),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name='message',
                    constraint=models.UniqueConstraint(condition=models.Q(('source_id__isnull', False)), fields=('app', 'source_id'), name='messaging_message_imported'),
                ),
            ],
        ),
    ]
