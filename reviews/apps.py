"""The app of reviews: what is judged."""

from django.apps import AppConfig


class ReviewsConfig(AppConfig):
    """Screening and panels."""

    name = "reviews"
    verbose_name = "Reviews"
