"""The addresses of panels."""

from django.urls import path

from reviews.panels.views import bench, comparing, panel, reviewer, work

urlpatterns = [
    path("reviews/", reviewer.ReviewerHomeView.as_view(), name="home"),
    path("reviews/keys/", bench.KeysView.as_view(), name="keys"),
    path("reviews/<int:pk>/", bench.BenchView.as_view(), name="review"),
    path("reviews/<int:pk>/declaration/", reviewer.GateView.as_view(), name="review_gate"),
    path("reviews/<int:pk>/scores/<str:code>/", bench.SaveScoreView.as_view(), name="save_score"),
    path("reviews/<int:pk>/scores/<str:code>/autosave/", bench.AutosaveView.as_view(), name="autosave_score"),
    path("reviews/<int:pk>/scores/<str:code>/cite/", bench.CiteView.as_view(), name="cite"),
    path(
        "reviews/<int:pk>/citations/<int:citation>/remove/", bench.RemoveCitationView.as_view(), name="remove_citation"
    ),
    path("reviews/<int:pk>/submit/", bench.SubmitReviewView.as_view(), name="submit_review"),
    path("reviews/<int:pk>/advice/autosave/", bench.AutosaveAdviceView.as_view(), name="autosave_advice"),
    path("reviews/<int:pk>/reopen/", reviewer.ReopenView.as_view(), name="reopen_review"),
    path("reviews/<int:pk>/step-aside/", reviewer.StepAsideView.as_view(), name="step_aside"),
    path("applications/<slug:number>/compare/", comparing.CompareView.as_view(), name="compare"),
    path("applications/<slug:number>/compare/confirm/", comparing.ConfirmView.as_view(), name="confirm_scores"),
    path("reviews/<int:pk>/remind/", work.RemindView.as_view(), name="remind_reviewer"),
    path("reviews/<int:pk>/end/", work.EndReviewView.as_view(), name="end_review"),
    path("submissions/<int:pk>/work/", work.WorkView.as_view(), name="work"),
    path("submissions/<int:pk>/work/assign/", work.AssignView.as_view(), name="assign"),
    path("submissions/<int:pk>/work/declaration/", work.OfficerDeclarationView.as_view(), name="declare_as_officer"),
    path("submissions/<int:pk>/work/take-over/", work.TakeOverView.as_view(), name="take_over"),
    path("submissions/<int:pk>/work/close/", work.ClosePanelView.as_view(), name="close_panel"),
    path("submissions/<int:pk>/panel/", panel.PanelView.as_view(), name="panel"),
    path("submissions/<int:pk>/panel/moderate/<str:code>/", panel.ModerateView.as_view(), name="moderate"),
    path("submissions/<int:pk>/panel/discussion/", panel.DiscussionView.as_view(), name="discuss"),
    path("submissions/<int:pk>/panel/related-party/", panel.RelatedPartyView.as_view(), name="related_party"),
    path("submissions/<int:pk>/panel/recommend/", panel.RecommendView.as_view(), name="recommend"),
    path("submissions/<int:pk>/panel/override/", panel.OverrideView.as_view(), name="override"),
    path("submissions/<int:pk>/panel/return/", panel.ReturnView.as_view(), name="return"),
]
