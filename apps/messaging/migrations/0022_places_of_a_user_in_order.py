import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # conversations are not locked while the index is built

    dependencies = [
        ('accounts', '0007_time_zone_of_operators'),
        ('messaging', '0021_media_in_order'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='participant',
            index=models.Index(fields=['user', 'id'], name='messaging_participant_in_order'),
        ),
        migrations.AlterField(
            model_name='participant',
            name='user',
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name='participations',
                to='accounts.user',
                verbose_name='user',
            ),
        ),
    ]
