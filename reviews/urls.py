"""The addresses of reviews, gathered from its rooms."""

from reviews.panels.urls import urlpatterns as panels
from reviews.rounds.urls import urlpatterns as rounds
from reviews.screening.urls import urlpatterns as screening

app_name = "reviews"
urlpatterns = [*screening, *panels, *rounds]
