"""The addresses of programmes."""

from django.urls import path

from partners.programmes import views

urlpatterns = [
    path("programmes/", views.ProgrammeListView.as_view(), name="programme_list"),
    path("programmes/<slug:slug>/", views.ProgrammeView.as_view(), name="programme"),
    path("programmes/<slug:slug>/check/", views.PrescreenView.as_view(), name="prescreen"),
    path("programmes/<slug:slug>/publish/", views.PublishView.as_view(), name="programme_publish"),
    path("programmes/<slug:slug>/edit/", views.ChangeView.as_view(), name="programme_edit"),
    path("staff/questions/", views.QuestionsView.as_view(), name="questions"),
    path("staff/questions/adopt/", views.AdoptQuestionsView.as_view(), name="questions_adopt"),
    path("staff/programmes/new/", views.CreateView.as_view(), name="programme_create"),
]
