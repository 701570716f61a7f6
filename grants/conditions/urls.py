"""The addresses of conditions."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.conditions import views

urlpatterns: list[URLPattern] = [
    path("conditions/", views.ConditionListView.as_view(), name="conditions"),
    path("partner/conditions/", views.PartnerConditionListView.as_view(), name="partner_conditions"),
    path("conditions/<int:pk>/", views.ConditionView.as_view(), name="condition"),
    path("conditions/<int:pk>/evidence/", views.EvidenceView.as_view(), name="condition_evidence"),
    path("conditions/<int:pk>/accept/", views.StepView.as_view(step="accept"), name="condition_accept"),
    path("conditions/<int:pk>/return/", views.StepView.as_view(step="return"), name="condition_return"),
    path("conditions/<int:pk>/ask-waiver/", views.StepView.as_view(step="ask_waiver"), name="condition_ask_waiver"),
    path(
        "conditions/<int:pk>/refuse-waiver/",
        views.StepView.as_view(step="refuse_waiver"),
        name="condition_refuse_waiver",
    ),
    path("conditions/<int:pk>/waive/", views.StepView.as_view(step="waive"), name="condition_waive"),
]
