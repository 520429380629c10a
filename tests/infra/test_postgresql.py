import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState


@pytest.mark.django_db
def test_a_migration_may_run_several_statements_at_once():
    operation = migrations.RunSQL(
        "CREATE TABLE several_a (id int); CREATE TABLE several_b (id int)"
    )

    with connection.schema_editor() as editor:
        operation.database_forwards("core", editor, ProjectState(), ProjectState())

    assert {"several_a", "several_b"} <= set(connection.introspection.table_names())


@pytest.mark.django_db
def test_a_migration_may_add_a_foreign_key():
    from apps.core.models import App, AppSecret

    field = models.ForeignKey(App, models.CASCADE, null=True, related_name="+")
    field.set_attributes_from_name("another_app")
    field.model = AppSecret

    with connection.schema_editor() as editor:
        editor.add_field(AppSecret, field)

    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, "core_appsecret")
    assert "another_app_id" in {column.name for column in columns}


@pytest.mark.django_db
def test_other_statements_are_prepared_before_and_after_a_migration():
    with connection.schema_editor():
        during = connection.connection.prepare_threshold

    assert during is None
    assert connection.connection.prepare_threshold == 0
