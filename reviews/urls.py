"""The addresses of reviews, gathered from its rooms."""

from reviews.holds.urls import urlpatterns as holds
from reviews.panels.urls import urlpatterns as panels
from reviews.screening.urls import urlpatterns as screening

app_name = "reviews"
urlpatterns = [*screening, *holds, *panels]
