"""The addresses of references."""

from django.urls import path

from reviews.references import views

urlpatterns = [
    path("submissions/<int:pk>/references/", views.ReferencesView.as_view(), name="references"),
    path("submissions/<int:pk>/references/<int:referee>/ask/", views.AskView.as_view(), name="ask_referee"),
    path("references/<int:pk>/", views.ReferenceView.as_view(), name="reference"),
    path("references/<int:pk>/resend/", views.ResendView.as_view(), name="resend_request"),
    path("references/<int:pk>/withdraw/", views.WithdrawRequestView.as_view(), name="withdraw_request"),
    path("reference/thanks/", views.ThanksView.as_view(), name="reference_thanks"),
    path("reference/<str:token>/", views.AnswerView.as_view(), name="answer_reference"),
]
