"""The addresses of submissions."""

from django.urls import path

from partners.submissions import views

urlpatterns = [
    path("partner/", views.HomeView.as_view(), name="home"),
    path("programmes/<slug:slug>/start/", views.StartView.as_view(), name="submission_start"),
    path("applications/", views.SubmissionListView.as_view(), name="submission_list"),
    path("applications/<slug:number>/", views.SubmissionView.as_view(), name="submission"),
    path(
        "applications/<slug:number>/sections/<int:position>/",
        views.SectionView.as_view(),
        name="submission_section",
    ),
    path(
        "applications/<slug:number>/answers/<slug:key>/",
        views.AutosaveView.as_view(),
        name="submission_autosave",
    ),
    path("applications/<slug:number>/papers/", views.PapersView.as_view(), name="submission_papers"),
    path("applications/<slug:number>/papers/add/", views.PaperAddView.as_view(), name="submission_paper_add"),
    path("applications/<slug:number>/papers/link/", views.LinkView.as_view(), name="submission_link"),
    path("applications/<slug:number>/papers/unlink/<int:link>/", views.UnlinkView.as_view(), name="submission_unlink"),
    path("applications/<slug:number>/referees/", views.RefereesView.as_view(), name="submission_referees"),
    path(
        "applications/<slug:number>/referees/<int:referee>/remove/",
        views.RefereeRemoveView.as_view(),
        name="submission_referee_remove",
    ),
    path("applications/<slug:number>/send/", views.SendView.as_view(), name="submission_send"),
    path("applications/<slug:number>/withdraw/", views.WithdrawView.as_view(), name="submission_withdraw"),
    path("applications/<slug:number>/changes/", views.RequestChangesView.as_view(), name="submission_request_changes"),
    path("applications/<slug:number>/decline/", views.DeclineView.as_view(), name="submission_decline"),
    path(
        "applications/<slug:number>/versions/<int:version>/",
        views.VersionView.as_view(),
        name="submission_version",
    ),
    path("organisations/<int:pk>/licences/add/", views.LicenceAddView.as_view(), name="licence_add"),
    path("licences/<int:pk>/withdraw/", views.LicenceWithdrawView.as_view(), name="licence_withdraw"),
    path("licences/<int:pk>/paper/", views.LicencePaperView.as_view(), name="licence_paper"),
]
