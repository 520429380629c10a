from django.db import migrations

_REFUSE = """
CREATE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit are neither changed nor deleted'
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER core_auditentry_is_append_only BEFORE UPDATE OR DELETE ON core_auditentry
    FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
"""
_ALLOW = """
DROP TRIGGER core_auditentry_is_append_only ON core_auditentry;
DROP FUNCTION core_refuse_change();
"""


class Migration(migrations.Migration):
    """Whoever gets past the console still meets the database."""

    dependencies = [("core", "0003_audit_entries")]

    operations = [migrations.RunSQL(_REFUSE, _ALLOW)]
