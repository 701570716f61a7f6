"""The addresses of rounds."""

from django.urls import path

from reviews.rounds import views

urlpatterns = [
    path("rounds/", views.RoundListView.as_view(), name="rounds"),
    path("rounds/<slug:slug>/", views.RoundView.as_view(), name="round"),
    path("rounds/<slug:slug>/scores.csv", views.RoundScoresView.as_view(), name="round_scores"),
]
