import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # conversations are made while the index is built

    dependencies = [
        ('core', '0008_cross_app_grant'),
        ('messaging', '0016_permission_to_retract'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='conversation',
            index=models.Index(fields=['app', 'id'], name='messaging_conversation_in_app'),
        ),
        migrations.AlterField(
            model_name='conversation',
            name='app',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='conversations', to='core.app', verbose_name='app'),
        ),
    ]
