from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [
        ('groups', '0008_names_in_order'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='group',
            index=models.Index(condition=models.Q(('dissolved_at__isnull', False)), fields=['app', 'id'], name='groups_group_dissolved'),
        ),
        AddIndexConcurrently(
            model_name='chatroom',
            index=models.Index(condition=models.Q(('deleted_at__isnull', False)), fields=['app', 'id'], name='groups_chatroom_dissolved'),
        ),
    ]
