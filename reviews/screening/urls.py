"""The addresses of screening."""

from django.urls import path

from reviews.screening.views import (
    HitView,
    ImportView,
    OrganisationScreeningView,
    RescreenView,
    ScreeningListView,
    ScreenOrganisationView,
)

urlpatterns = [
    path("screening/", ScreeningListView.as_view(), name="screening"),
    path("screening/lists/import/", ImportView.as_view(), name="list_import"),
    path("screening/run/", RescreenView.as_view(), name="rescreen"),
    path("screening/organisations/<int:pk>/", OrganisationScreeningView.as_view(), name="organisation_screening"),
    path("screening/organisations/<int:pk>/run/", ScreenOrganisationView.as_view(), name="screen_organisation"),
    path("screening/hits/<int:pk>/", HitView.as_view(), name="hit"),
]
