import django.db.models.deletion
from django.db import migrations, models

_REFUSE = """
CREATE TRIGGER core_auditedrow_is_append_only BEFORE UPDATE OR DELETE ON core_auditedrow
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
_ALLOW = "DROP TRIGGER core_auditedrow_is_append_only ON core_auditedrow;"


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0012_answers_of_operators'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('target_type', models.CharField(max_length=100)),
                ('target_id', models.CharField(max_length=64)),
                ('target_name', models.CharField(max_length=200, verbose_name='object')),
                ('entry', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='rows', to='core.auditentry', verbose_name='audit entry')),
            ],
            options={
                'verbose_name': 'row that a job has changed',
                'verbose_name_plural': 'rows that jobs have changed',
                'default_permissions': (),
                'indexes': [models.Index(fields=['target_type', 'target_id', 'entry'], name='core_audited_target'), models.Index(fields=['entry', 'id'], name='core_audited_entry')],
            },
        ),
        migrations.RunSQL(_REFUSE, _ALLOW),
    ]
