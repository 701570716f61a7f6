"""The addresses of practising."""

from django.urls import path

from reviews.practice import views

urlpatterns = [
    path("reviews/practice/", views.PracticeView.as_view(), name="practice"),
    path("reviews/practice/start/", views.StartPracticeView.as_view(), name="practice_start"),
    path("reviews/practice/application/", views.ReadPracticeView.as_view(), name="practice_read"),
    path("reviews/practice/<int:pk>/", views.PracticeScoringView.as_view(), name="practice_score"),
    path("reviews/practice/<int:pk>/scores/<str:code>/", views.SavePracticeView.as_view(), name="practice_save"),
    path(
        "reviews/practice/<int:pk>/scores/<str:code>/autosave/",
        views.AutosavePracticeView.as_view(),
        name="practice_autosave",
    ),
    path("reviews/practice/<int:pk>/submit/", views.SubmitPracticeView.as_view(), name="practice_submit"),
    path("reviews/practice/<int:pk>/result/", views.PracticeResultView.as_view(), name="practice_result"),
]
