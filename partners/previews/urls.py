"""The addresses of page images."""

from django.urls import path

from partners.previews import views

urlpatterns = [
    path("documents/<int:pk>/read/", views.ReadView.as_view(), name="document_read"),
    path("documents/<int:pk>/pages/<int:number>/<str:size>/", views.PageImageView.as_view(), name="document_page"),
]
