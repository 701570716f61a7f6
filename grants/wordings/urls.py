"""The addresses of the agreement's wording."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.wordings import views

urlpatterns: list[URLPattern] = [
    path("wordings/", views.WordingListView.as_view(), name="wordings"),
    path("wordings/compare/", views.CompareView.as_view(), name="wording_compare"),
    path("wordings/<slug:name>/", views.WordingView.as_view(), name="wording"),
    path("wordings/<slug:name>/copy/", views.StartView.as_view(), name="wording_copy"),
    path("wordings/<slug:name>/draft/", views.DraftView.as_view(), name="wording_draft"),
    path("wordings/<slug:name>/draft/placeholders/", views.PlaceholdersView.as_view(), name="wording_placeholders"),
    path("wordings/<slug:name>/draft/put-back/", views.PutBackView.as_view(), name="wording_put_back"),
    path("wordings/<slug:name>/draft/discard/", views.DiscardView.as_view(), name="wording_discard"),
    path("wordings/<slug:name>/draft/publish/", views.PublishView.as_view(), name="wording_publish"),
    path("wordings/<slug:name>/draft/add/<slug:kind>/", views.AddView.as_view(), name="wording_add"),
    path("wordings/<slug:name>/draft/<int:passage>/", views.PassageView.as_view(), name="wording_passage"),
]
