"""The addresses of an application's page, by tab."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.cases import views

urlpatterns: list[URLPattern] = [
    path("search/", views.SearchView.as_view(), name="search"),
    path("cases/<slug:number>/", views.CaseView.as_view(), name="case"),
    path("cases/<slug:number>/documents/", views.CaseDocumentsView.as_view(), name="case_documents"),
    path("cases/<slug:number>/screening/", views.CaseScreeningView.as_view(), name="case_screening"),
    path("cases/<slug:number>/due-diligence/", views.CaseDiligenceView.as_view(), name="case_diligence"),
    path("cases/<slug:number>/grant/", views.CaseGrantView.as_view(), name="case_grant"),
    path("cases/<slug:number>/officer/", views.OfficerView.as_view(), name="case_officer"),
    path("cases/<slug:number>/notes/", views.NoteAddView.as_view(), name="case_note"),
    path("mentions/<int:pk>/read/", views.MentionReadView.as_view(), name="mention_read"),
]
