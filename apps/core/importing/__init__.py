"""Importing: rows of a file in, an outcome for each row out.

`rows` reads files, `fields` the values of a row, `runs` remembers how far a file has come. What a row means
is told by an `Importer`, which each app has for its own nouns in `services/importing.py`.
"""

from apps.core.importing.importer import Importer
from apps.core.importing.rows import Outcome, Row

__all__ = ["Importer", "Outcome", "Row"]
