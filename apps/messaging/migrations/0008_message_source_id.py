from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0007_media'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='source_id',
            field=models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='id at its source'),
        ),
    ]
