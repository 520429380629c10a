import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_deletion_of_an_app'),
        ('messaging', '0019_whether_a_chatroom_spans_apps'),
    ]

    operations = [
        migrations.CreateModel(
            name='MediaPurge',
            fields=[
                ('app', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='media_purge', serialize=False, to='core.app', verbose_name='app')),
                ('began_at', models.DateTimeField()),
                ('phase', models.PositiveSmallIntegerField(default=0)),
                ('position', models.BigIntegerField(default=0)),
                ('read_up_to', models.BigIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name': 'purge of media files',
                'verbose_name_plural': 'purges of media files',
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='media',
            name='named_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
    ]
