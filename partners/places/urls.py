"""The addresses of closed places."""

from django.urls import path

from partners.places import views

urlpatterns = [
    path("staff/places/", views.EmbargoListView.as_view(), name="places"),
    path("staff/places/new/", views.EmbargoAddView.as_view(), name="place_add"),
    path("staff/places/<int:pk>/end/", views.EmbargoEndView.as_view(), name="place_end"),
]
