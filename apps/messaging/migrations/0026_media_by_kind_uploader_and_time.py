from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # files are uploaded while the indexes are built

    dependencies = [
        ('messaging', '0025_uploader_of_media'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='media',
            index=models.Index(fields=['app', 'kind', 'id'], name='messaging_media_kind'),
        ),
        AddIndexConcurrently(
            model_name='media',
            index=models.Index(fields=['app', 'uploader', 'id'], name='messaging_media_uploader'),
        ),
        AddIndexConcurrently(
            model_name='media',
            index=models.Index(fields=['app', 'created_at', 'id'], name='messaging_media_created'),
        ),
    ]
