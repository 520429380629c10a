from django.db import migrations, models

_INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY core_job_once ON core_job (app_id, key)
WHERE key IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False  # jobs go on while their index is built

    dependencies = [
        ('core', '0010_key_of_a_job'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_INDEX, "DROP INDEX CONCURRENTLY core_job_once"),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name='job',
                    constraint=models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('app', 'key'), name='core_job_once'),
                ),
            ],
        ),
    ]
