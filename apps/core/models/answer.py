"""Answer: that a question of the console was answered, so that it is not answered twice."""

from django.db import models
from django.db.models.functions import Now


class Answer(models.Model):
    """One row for each answer of late. Each page that asks has a number of its own."""

    number = models.UUIDField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "answer"
        default_permissions = ()
        indexes = [models.Index(fields=("at",), name="core_answer_time")]

    def __str__(self) -> str:
        return str(self.number)
