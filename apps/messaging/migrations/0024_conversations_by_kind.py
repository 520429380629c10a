from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [
        ('messaging', '0023_read_in_other_apps'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(fields=['app', 'kind', 'id'], name='messaging_conversation_kind'),
        ),
    ]
