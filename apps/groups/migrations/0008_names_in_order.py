from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # groups are not locked while their indexes are built

    dependencies = [
        ('groups', '0007_chatroom_spans_apps'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='chatroom',
            index=models.Index(fields=['app', 'name', 'id'], name='groups_chatroom_by_name'),
        ),
        AddIndexConcurrently(
            model_name='group',
            index=models.Index(fields=['app', 'name', 'id'], name='groups_group_by_name'),
        ),
        RemoveIndexConcurrently(
            model_name='chatroom',
            name='groups_chatroom_name',
        ),
        RemoveIndexConcurrently(
            model_name='group',
            name='groups_group_name',
        ),
    ]
