"""The addresses of reviews, gathered from its rooms."""

from reviews.holds.urls import urlpatterns as holds
from reviews.panels.urls import urlpatterns as panels
from reviews.practice.urls import urlpatterns as practice
from reviews.references.urls import urlpatterns as references
from reviews.rounds.urls import urlpatterns as rounds
from reviews.screening.urls import urlpatterns as screening
from reviews.visits.urls import urlpatterns as visits

app_name = "reviews"
urlpatterns = [*screening, *holds, *references, *visits, *practice, *panels, *rounds]
