"""The addresses of match funds."""

from django.urls import path
from django.urls.resolvers import URLPattern

from grants.funds import views

urlpatterns: list[URLPattern] = [
    path("funds/", views.FundListView.as_view(), name="funds"),
    path("funds/new/", views.FundNewView.as_view(), name="fund_new"),
    path("funds/<int:pk>/", views.FundView.as_view(), name="fund"),
    path("funds/<int:pk>/top-up/", views.FundTopUpView.as_view(), name="fund_top_up"),
    path("funds/<int:pk>/restrict/", views.FundRestrictView.as_view(), name="fund_restrict"),
    path("funds/<int:pk>/pledge/", views.PledgeNewView.as_view(), name="pledge_new"),
    path("funds/pledges/<int:pk>/withdraw/", views.PledgeWithdrawView.as_view(), name="pledge_withdraw"),
]
