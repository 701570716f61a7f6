"""The addresses of grants, gathered from its rooms."""

from django.urls.resolvers import URLPattern, URLResolver

from grants.agreements.urls import urlpatterns as agreements
from grants.amendments.urls import urlpatterns as amendments
from grants.banking.urls import urlpatterns as banking
from grants.campaigns.urls import urlpatterns as campaigns
from grants.cases.urls import urlpatterns as cases
from grants.conditions.urls import urlpatterns as conditions
from grants.endings.urls import urlpatterns as endings
from grants.evidence.urls import urlpatterns as evidence
from grants.exports.urls import urlpatterns as exports
from grants.funds.urls import urlpatterns as funds
from grants.intake.urls import urlpatterns as intake
from grants.payments.urls import urlpatterns as payments
from grants.public.urls import urlpatterns as public
from grants.reports.urls import urlpatterns as reports
from grants.wordings.urls import urlpatterns as wordings
from grants.workspace.urls import urlpatterns as workspace

app_name = "grants"
urlpatterns: list[URLPattern | URLResolver] = [
    *workspace,
    *funds,
    *wordings,
    *agreements,
    *conditions,
    *banking,
    *amendments,
    *endings,
    *campaigns,
    *intake,
    *reports,
    *payments,
    *exports,
    *public,
    *evidence,
    *cases,
]
