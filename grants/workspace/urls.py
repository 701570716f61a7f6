"""The addresses of the desks."""

from django.urls import path

from grants.workspace import views

urlpatterns = [
    path("queue/", views.QueueView.as_view(), name="queue"),
    path("set-up/", views.SetUpView.as_view(), name="set_up"),
    path("overview/", views.OverviewView.as_view(), name="overview"),
]
