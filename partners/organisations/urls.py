"""The addresses of organisations."""

from django.urls import path

from partners.organisations import views

urlpatterns = [
    path("organisations/", views.OrganisationListView.as_view(), name="organisation_list"),
    path("organisations/new/", views.CreateView.as_view(), name="organisation_create"),
    path("organisations/<int:pk>/", views.OrganisationView.as_view(), name="organisation"),
    path("organisations/<int:pk>/edit/", views.ChangeView.as_view(), name="organisation_edit"),
    path("organisations/<int:pk>/people/add/", views.PersonAddView.as_view(), name="person_add"),
    path("organisations/<int:pk>/people/<int:person>/", views.PersonChangeView.as_view(), name="person_edit"),
    path("organisations/<int:pk>/members/", views.MembersView.as_view(), name="members"),
    path("organisations/<int:pk>/members/<int:member>/end/", views.MemberEndView.as_view(), name="member_end"),
    path("organisations/<int:pk>/members/<int:member>/owner/", views.MakeOwnerView.as_view(), name="member_make_owner"),
    path(
        "organisations/<int:pk>/members/<int:member>/editor/", views.MakeEditorView.as_view(), name="member_make_editor"
    ),
    path(
        "organisations/<int:pk>/invitations/<int:invitation>/revoke/",
        views.InvitationRevokeView.as_view(),
        name="invitation_revoke",
    ),
    path("invitation/<str:token>/", views.InvitationView.as_view(), name="invitation"),
]
