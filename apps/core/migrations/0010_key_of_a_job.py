from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0009_deletion_of_an_app'),
    ]

    operations = [
        migrations.AddField(
            model_name='job',
            name='key',
            field=models.CharField(editable=False, max_length=64, null=True),
        ),
    ]
