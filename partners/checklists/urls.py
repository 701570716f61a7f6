"""The addresses of checklists."""

from django.urls import path

from partners.checklists import views

urlpatterns = [
    path("checklist/", views.ChecklistView.as_view(), name="checklist"),
    path("checklist/adopt/", views.AdoptView.as_view(), name="checklist_adopt"),
    path("checklist/compare/", views.CompareView.as_view(), name="checklist_compare"),
    path("checklist/<int:pk>/", views.ChecklistView.as_view(), name="checklist_version"),
    path("checklist/<int:pk>/copy/", views.StartVersionView.as_view(), name="checklist_copy"),
]
