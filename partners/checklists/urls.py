"""The addresses of checklists."""

from django.urls import path

from partners.checklists import views

urlpatterns = [
    path("checklist/", views.ChecklistView.as_view(), name="checklist"),
    path("checklist/<int:pk>/", views.ChecklistView.as_view(), name="checklist_version"),
    path("checklist/<int:pk>/copy/", views.StartVersionView.as_view(), name="checklist_copy"),
    path("checklist/<int:pk>/publish/", views.PublishView.as_view(), name="checklist_publish"),
    path("checklist/<int:pk>/<slug:code>/", views.CriterionView.as_view(), name="criterion"),
]
