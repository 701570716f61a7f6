"""The addresses of visits."""

from django.urls import path

from reviews.visits import views

urlpatterns = [
    path("submissions/<int:pk>/visits/", views.VisitsView.as_view(), name="visits"),
    path("submissions/<int:pk>/visits/write/", views.WriteView.as_view(), name="visit_write"),
    path("visits/<int:pk>/", views.VisitView.as_view(), name="visit"),
    path("visits/<int:pk>/change/", views.ChangeView.as_view(), name="visit_change"),
    path("visits/<int:pk>/submit/", views.SubmitVisitView.as_view(), name="visit_submit"),
    path("visits/<int:pk>/correct/", views.CorrectView.as_view(), name="visit_correct"),
]
