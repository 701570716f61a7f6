"""The address of a grant's evidence."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.evidence import views

urlpatterns: list[URLPattern] = [
    path("grants/<str:number>/evidence/", views.EvidenceView.as_view(), name="evidence"),
]
