from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # files are uploaded while the index is built

    dependencies = [
        ('messaging', '0020_purges_of_media'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='media',
            index=models.Index(fields=['app', 'id'], name='messaging_media_in_order'),
        ),
    ]
