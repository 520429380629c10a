from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # registrations are not held up while the index is built

    dependencies = [
        ('accounts', '0003_friends_and_no_disturb'),
        ('core', '0005_import_run'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='user',
            index=models.Index(condition=models.Q(('password_hash__startswith', 'keyed_md5$')), fields=['id'], name='accounts_user_keyed_md5'),
        ),
    ]
