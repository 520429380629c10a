from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is not locked while its index is built

    dependencies = [
        ('webhooks', '0001_webhooks'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'parked')), fields=['endpoint', 'id'], name='webhooks_delivery_parked'),
        ),
    ]
