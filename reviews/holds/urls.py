"""The addresses of holds."""

from django.urls import path

from reviews.holds.views import HoldListView, HoldView, MessagesView, PlaceView, ReleaseView, StepPaperView, StepView

urlpatterns = [
    path("holds/", HoldListView.as_view(), name="holds"),
    path("holds/<int:pk>/", HoldView.as_view(), name="hold"),
    path("holds/<int:pk>/release/", ReleaseView.as_view(), name="hold_release"),
    path("holds/<int:pk>/steps/<slug:kind>/", StepView.as_view(), name="hold_step"),
    path("holds/<int:pk>/steps/<slug:kind>/<int:year>/", StepView.as_view(), name="hold_step_of_year"),
    path("holds/papers/<int:pk>/", StepPaperView.as_view(), name="hold_paper"),
    path("screening/organisations/<int:pk>/hold/", PlaceView.as_view(), name="hold_place"),
    path("screening/organisations/<int:pk>/messages/", MessagesView.as_view(), name="held_messages"),
]
