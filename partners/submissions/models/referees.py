"""Whom the partner names as somebody who knows its work; what they answer is kept above, and never shown to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from partners.submissions.models.submission import Submission


class Referee(models.Model):
    """Somebody outside the organisation who knows its work: a personal record that can be erased."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="referees")
    name = models.CharField(max_length=200)
    relation = models.CharField(max_length=300)
    organisation = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    language = models.CharField(max_length=40)
    named_at = models.DateTimeField()
    named_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["submission", "pk"]
        constraints = [
            models.UniqueConstraint(
                "submission",
                Lower("email"),
                name="referee_address_once",
                violation_error_message="You have named somebody with this address already.",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(email=""), name="referee_has_name_and_address"),
        ]

    def __str__(self) -> str:
        return self.name
