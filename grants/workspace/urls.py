"""The addresses of My work, and of the pages that it took the place of."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.workspace import views

urlpatterns: list[URLPattern] = [
    path("work/", views.WorkView.as_view(), name="work"),
    path("work/others/", views.WorkView.as_view(current="work_others"), name="work_others"),
    path("work/coming/", views.WorkView.as_view(current="work_coming"), name="work_coming"),
    path("work/done/", views.DoneView.as_view(), name="work_done"),
    path("work/aims/", views.AimsView.as_view(), name="work_aims"),
    path("grants/to-sign/", views.ToSignView.as_view(), name="to_sign"),
    path("queue/", views.queue, name="queue"),
    path("set-up/", views.SetUpView.as_view(), name="set_up"),
    path("overview/", views.OverviewView.as_view(), name="overview"),
]
