"""A submission at its first stages of vetting, taken there once for the tests that ask for it."""

from reviews.panels import actions
from tests.factories import reviews
from tests.support.worlds import world

sent = world(reviews.sent_submission)
invited = world(reviews.invited, on=sent)
begun = world(
    lambda review: actions.declare(review=review, has_interest=False, keeps_confidence=True, by=review.reviewer),
    on=invited,
)
submitted = world(lambda review: actions.submit_review(review=reviews.scored(review), by=review.reviewer), on=begun)
assessed = world(reviews.assessed)
recommended = world(reviews.recommended)
