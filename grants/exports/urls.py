"""The addresses of the exports."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.exports import views

urlpatterns: list[URLPattern] = [
    path("exports/", views.ExportsView.as_view(), name="exports"),
    path("exports/360giving.json", views.GivingFileView.as_view(), name="export_360giving"),
    path("exports/<slug:table>.csv", views.TableFileView.as_view(), name="export_table"),
]
