from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the log is not locked while its index is built

    dependencies = [
        ('messaging', '0003_notices_and_shields'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('msg_type', 'event')), fields=['conversation', 'id'], name='messaging_message_event'),
        ),
    ]
