"""The addresses of grants, gathered from its rooms."""

from django.urls.resolvers import URLPattern, URLResolver

from grants.agreements.urls import urlpatterns as agreements
from grants.desk.urls import urlpatterns as desk
from grants.funds.urls import urlpatterns as funds

app_name = "grants"
urlpatterns: list[URLPattern | URLResolver] = [*funds, *agreements, *desk]
