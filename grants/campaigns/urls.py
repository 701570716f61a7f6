"""The addresses of the staff's pages of campaigns and gifts."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.campaigns.views import gifts, pages

urlpatterns: list[URLPattern] = [
    path("grants/<str:number>/campaign/plan/", pages.PlanView.as_view(), name="campaign_plan"),
    path("grants/<str:number>/campaign/edit/", pages.EditView.as_view(), name="campaign_edit"),
    path("grants/<str:number>/campaign/pause/", pages.PauseView.as_view(), name="campaign_pause"),
    path("grants/<str:number>/campaign/resume/", pages.ResumeView.as_view(), name="campaign_resume"),
    path("grants/<str:number>/gifts.csv", gifts.GiftsFileView.as_view(), name="gifts_csv"),
    path("gifts/<int:pk>/", gifts.GiftView.as_view(), name="gift"),
    path("gifts/<int:pk>/refund/", gifts.GiftRefundView.as_view(), name="gift_refund"),
]
