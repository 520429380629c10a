"""The backend that `imserver.database` names."""

from typing import Any, Self

from django.db.backends.postgresql import base, schema


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Runs the statements of migrations as they are, several at once where Django or `RunSQL` has them so.

    All other statements are prepared at their first use (see `imserver.database`), and PostgreSQL prepares
    only one at a time: a migration that adds a foreign key would fail.
    """

    def __enter__(self) -> Self:
        self.connection.ensure_connection()
        self._prepare_threshold = self.connection.connection.prepare_threshold
        self.connection.connection.prepare_threshold = None
        super().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        try:
            super().__exit__(*error)
        finally:
            if self.connection.connection is not None:
                self.connection.connection.prepare_threshold = self._prepare_threshold


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to PostgreSQL."""

    SchemaEditorClass = DatabaseSchemaEditor
