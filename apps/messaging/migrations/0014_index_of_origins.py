from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the log is not locked while its index is built

    dependencies = [
        ('messaging', '0013_messages_across_apps'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('origin_id__isnull', False)), fields=['origin_id'], name='messaging_message_origin'),
        ),
    ]
