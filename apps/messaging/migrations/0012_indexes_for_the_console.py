from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the log is not locked while its indexes are built

    dependencies = [
        ('messaging', '0011_sensitive_words'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(fields=['app', 'from_id', 'id'], name='messaging_message_sender'),
        ),
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('msg_type__in', ('text', 'event')), _negated=True), fields=['app', 'msg_type', 'id'], name='messaging_message_kind'),
        ),
    ]
