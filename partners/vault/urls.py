"""The addresses of papers."""

from django.urls import path

from partners.vault import views

urlpatterns = [
    path("organisations/<int:pk>/papers/", views.VaultView.as_view(), name="vault"),
    path("papers/<int:pk>/", views.PaperView.as_view(), name="paper"),
    path("documents/<int:pk>/download/", views.DownloadView.as_view(), name="document_download"),
    path("documents/<int:pk>/accept/", views.AcceptView.as_view(), name="document_accept"),
    path("documents/<int:pk>/reject/", views.RejectView.as_view(), name="document_reject"),
    path("documents/<int:pk>/check/", views.RecheckView.as_view(), name="document_check"),
]
