import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0008_cross_app_grant'),
    ]

    operations = [
        migrations.AddField(
            model_name='app',
            name='deletion',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.job', verbose_name='deletion'),
        ),
    ]
