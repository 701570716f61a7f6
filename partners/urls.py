"""The addresses of partners, gathered from its rooms."""

from django.urls.resolvers import URLPattern, URLResolver

app_name = "partners"
urlpatterns: list[URLPattern | URLResolver] = []
