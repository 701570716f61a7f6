"""What is true of a submission as far as criteria and gates ask: from its answers, amount and organisation."""

from typing import TYPE_CHECKING

from partners.programmes.questions import fact_holds

if TYPE_CHECKING:
    from partners.submissions.models import Submission

THRESHOLD_CURRENCY = "USD"
VISIT_ABOVE_MINOR = 1_000_000
AUDIT_BELOW_MINOR = 25_000_000


def facts_of(submission: "Submission") -> dict[str, bool]:
    """Return each fact key with whether it holds.

    ``above_10000``: the request is above USD 10,000; in another currency it counts as above, the stricter side.
    ``income_below_250000``: the organisation's yearly income is known in US dollars and below USD 250,000.
    All others come from the questions that name them; an answer that is missing makes its fact false.
    """
    found: dict[str, bool] = {}
    for question in submission.questions:
        if question.fact:
            held = fact_holds(question, submission.value_of(question))
            found[question.fact] = found.get(question.fact, False) or held
    amount = submission.amount_requested_minor or 0
    in_dollars = submission.currency == THRESHOLD_CURRENCY
    found["above_10000"] = amount > VISIT_ABOVE_MINOR if in_dollars else amount > 0
    organisation = submission.organisation
    income = organisation.yearly_income_minor
    found["income_below_250000"] = (
        income is not None and organisation.income_currency == THRESHOLD_CURRENCY and income < AUDIT_BELOW_MINOR
    )
    return found
