"""Every address of the portal; the apps are named by string, so that nothing here imports upward."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("vetting_portal.portal_urls")),
    path("", include("partners.urls")),
    path("", include("reviews.urls")),
    path("", include("grants.urls")),
]
