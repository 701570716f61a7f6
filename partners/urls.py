"""The addresses of partners, gathered from its rooms."""

from django.urls import include, path

app_name = "partners"
urlpatterns = [
    path("", include("partners.places.urls")),
    path("", include("partners.checklists.urls")),
    path("", include("partners.programmes.urls")),
    path("", include("partners.revisions.urls")),
    path("", include("partners.organisations.urls")),
    path("", include("partners.vault.urls")),
    path("", include("partners.previews.urls")),
    path("", include("partners.submissions.urls")),
]
