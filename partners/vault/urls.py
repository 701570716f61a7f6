"""The addresses of papers."""

from django.urls import path

from partners.vault import views

urlpatterns = [
    path("organisations/<int:pk>/papers/", views.VaultView.as_view(), name="vault"),
    path("organisations/<int:pk>/passport/", views.PassportView.as_view(), name="passport"),
    path("papers/<int:pk>/", views.PaperView.as_view(), name="paper"),
    path("documents/<int:pk>/download/", views.DownloadView.as_view(), name="document_download"),
    path("documents/<int:pk>/accept/", views.AcceptView.as_view(), name="document_accept"),
    path("documents/<int:pk>/reject/", views.RejectView.as_view(), name="document_reject"),
    path("documents/<int:pk>/check/", views.RecheckView.as_view(), name="document_check"),
    path("documents/<int:pk>/describe/", views.DescribeView.as_view(), name="document_describe"),
    path("documents/<int:pk>/translation/", views.TranslateView.as_view(), name="document_translation"),
    path("documents/<int:pk>/verify/", views.VerifyView.as_view(), name="document_verify"),
    path("verifications/<int:pk>/withdraw/", views.WithdrawVerificationView.as_view(), name="verification_withdraw"),
]
