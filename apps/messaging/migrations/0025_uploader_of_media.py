from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0024_conversations_by_kind'),
    ]

    operations = [
        migrations.AddField(
            model_name='media',
            name='uploader',
            field=models.CharField(blank=True, db_default='', default='', max_length=128, verbose_name='uploader'),
        ),
    ]
