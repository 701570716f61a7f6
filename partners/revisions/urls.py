"""The addresses of drafts, and of a call's move to another version."""

from django.urls import path

from partners.revisions import views

urlpatterns = [
    path("checklist/<int:pk>/draft/", views.DraftView.as_view(), name="checklist_draft"),
    path("checklist/<int:pk>/draft/sum/", views.SumView.as_view(), name="checklist_sum"),
    path("checklist/<int:pk>/draft/add/", views.AddView.as_view(), name="criterion_add"),
    path("checklist/<int:pk>/draft/put-back/", views.PutBackView.as_view(), name="criterion_put_back"),
    path("checklist/<int:pk>/draft/discard/", views.DiscardView.as_view(), name="checklist_discard"),
    path("checklist/<int:pk>/draft/publish/", views.PublishView.as_view(), name="checklist_publish"),
    path("checklist/<int:pk>/draft/<int:criterion>/", views.CriterionView.as_view(), name="criterion"),
    path("programmes/<slug:slug>/checklist/", views.MoveView.as_view(), name="programme_checklist"),
]
