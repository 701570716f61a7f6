"""The history of a grant as one line, newest first, from the audit trail: what was drafted, signed, sealed, opened,
amended, met, paid, reported and ended; the partner's own part of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce

from grants.agreements.models import Agreement, Grant
from grants.amendments.models import OPEN, Amendment
from grants.campaigns.models import Campaign
from grants.conditions.models import Condition
from grants.endings.models import Ending
from grants.payments.models import Tranche
from grants.reports.models import Report
from vetting_portal.models import AuditEntry
from vetting_portal.money import format_amount

MOST = 200


@dataclass(frozen=True)
class Told:
    """How an event is told: the state that gives its shape, the title, and whether the partner reads it too."""

    state: str
    title: str
    to_partner: bool = False
    with_note: bool = False


@dataclass(frozen=True)
class Event:
    """One point of the line, as ``c-timeline`` takes it."""

    state: str
    title: str
    text: str
    at: datetime


TOLD: Mapping[tuple[type[Model], str], Told] = {
    (Grant, "drafted"): Told("done", "The grant was drafted"),
    (Grant, "freeze"): Told("done", "The terms were frozen"),
    (Grant, "send_back"): Told("judge", "Sent back; every signature is void", with_note=True),
    (Grant, "signed"): Told("signed", "{name} signed{side}", to_partner=True),
    (Grant, "approve"): Told("done", "Approved: the match is reserved", to_partner=True),
    (Grant, "decline"): Told("stop", "Declined", with_note=True),
    (Grant, "lapse"): Told("stop", "The grant lapsed", to_partner=True, with_note=True),
    (Grant, "enter_into_force"): Told("done", "The grant is in force", to_partner=True),
    (Grant, "suspend"): Told("stop", "The grant was suspended", to_partner=True, with_note=True),
    (Grant, "resume"): Told("done", "The grant goes on", to_partner=True),
    (Grant, "terminate"): Told("stop", "The grant was ended", to_partner=True, with_note=True),
    (Grant, "payments_scheduled"): Told("done", "Payments and reports stand on their schedules"),
    (Grant, "complete"): Told("done", "Everything was paid and reported", to_partner=True),
    (Grant, "close"): Told("done", "The file was closed", to_partner=True),
    (Agreement, "sealed"): Told("done", "{document} was sealed", to_partner=True),
    (Agreement, "timestamped"): Told("done", "{document} was timestamped by the clock of {authority}", to_partner=True),
    (Agreement, "voided"): Told("judge", "{document}, version {version} of the terms, was made void", with_note=True),
    (Agreement, "revoked"): Told("stop", "{document} was revoked", to_partner=True, with_note=True),
    (Amendment, "drafted"): Told("done", "{subject} was drafted"),
    (Amendment, "freeze"): Told("done", "{subject}: the terms were frozen"),
    (Amendment, "send_back"): Told("judge", "{subject} came back; every signature is void", with_note=True),
    (Amendment, "signed"): Told("signed", "{name} signed {amendment}{side}", to_partner=True),
    (Amendment, "approve"): Told("done", "{subject} was approved", to_partner=True),
    (Amendment, "enter_into_force"): Told("done", "{subject} is in force", to_partner=True),
    (Amendment, "withdraw"): Told("stop", "{subject} was withdrawn", with_note=True),
    (Amendment, "decline"): Told("stop", "{subject} was declined", with_note=True),
    (Amendment, "lapse"): Told("stop", "{subject} lapsed", with_note=True),
    (Campaign, "planned"): Told("done", "The campaign page was written"),
    (Campaign, "open"): Told("done", "The campaign opened", to_partner=True),
    (Campaign, "pause"): Told("held", "The campaign paused"),
    (Campaign, "resume"): Told("done", "The campaign was resumed"),
    (Campaign, "cap_raised"): Told("done", "The match cap was raised to {cap}", to_partner=True),
    (Campaign, "close"): Told("done", "The campaign closed", to_partner=True),
    (Report, "submit"): Told("done", "Report sent: {subject}", to_partner=True),
    (Report, "send_back"): Told("judge", "Report returned: {subject}", to_partner=True, with_note=True),
    (Report, "accept"): Told("done", "Report accepted: {subject}", to_partner=True),
    (Report, "publish"): Told("done", "Report published: {subject}", to_partner=True),
    (Report, "cancel"): Told("stop", "Report no longer asked for: {subject}", to_partner=True, with_note=True),
    (Report, "closing_report_asked"): Told("open", "A closing report is asked for", to_partner=True),
    (Tranche, "release"): Told("done", "{subject} was released"),
    (Tranche, "pay"): Told("done", "{subject} was paid", to_partner=True),
    (Tranche, "bounce"): Told("stop", "The bank returned {payment}", to_partner=True, with_note=True),
    (Tranche, "hold"): Told("held", "{subject} is held", with_note=True),
    (Tranche, "resume"): Told("done", "{subject} is back on its schedule"),
    (Tranche, "cancel"): Told("stop", "{subject} was cancelled", to_partner=True, with_note=True),
    (Tranche, "payment_confirmed"): Told("done", "{name} confirmed {payment}", to_partner=True),
    (Tranche, "payment_confirmation_corrected"): Told(
        "judge", "{name} corrected what arrived of {payment}", to_partner=True, with_note=True
    ),
    (Tranche, "payment_missing"): Told("stop", "{subject} was reported missing", to_partner=True, with_note=True),
    (Tranche, "payment_missing_answered"): Told("judge", "Finance answered about {payment}", to_partner=True),
    (Condition, "condition_made"): Told("open", "{subject} is asked for", to_partner=True),
    (Condition, "condition_changed"): Told("judge", "{subject} was changed", to_partner=True),
    (Condition, "show"): Told("done", "{name} gave evidence for {condition}", to_partner=True),
    (Condition, "return_evidence"): Told("judge", "{subject}: more is needed", to_partner=True, with_note=True),
    (Condition, "accept"): Told("done", "{subject} is met", to_partner=True, with_note=True),
    (Condition, "waiver_asked"): Told("judge", "{subject}: a waiver is asked for", with_note=True),
    (Condition, "waiver_refused"): Told("stop", "{subject}: the waiver was refused", with_note=True),
    (Condition, "waive"): Told("done", "{subject} was waived", to_partner=True, with_note=True),
    (Condition, "reopen"): Told("open", "{subject} is asked for again", to_partner=True),
    (Condition, "drop"): Told("stop", "{subject} is no longer asked for", to_partner=True, with_note=True),
    (Ending, "ending_asked"): Told("judge", "A director is asked to confirm the ending", with_note=True),
    (Ending, "confirm"): Told("signed", "{name} confirmed the ending"),
    (Ending, "decline"): Told("stop", "The ending was declined", with_note=True),
    (Ending, "withdraw"): Told("stop", "The request to end the grant was withdrawn", with_note=True),
    (Ending, "expire"): Told("stop", "The request to end the grant expired"),
    (Ending, "carry_out"): Told("done", "The ending was carried out"),
    (Ending, "money_returned"): Told("done", "{amount} came back", to_partner=True),
    (Ending, "return_written_off"): Told("stop", "{amount} is no longer asked back", to_partner=True, with_note=True),
    (Ending, "ending_settled"): Told("done", "Unpaid match went back to its fund, unpaid gifts to a similar purpose"),
    (Ending, "ending_cleared"): Told("done", "Nothing is left to be returned"),
}


@dataclass(frozen=True)
class Subject:
    """A record that the line tells of: its kind or state or title in ``text``, its number or version, its terms."""

    label: str
    pk: int
    text: str
    number: int
    terms_id: int

    @property
    def ordinal_text(self) -> str:
        """The number as text, for addresses."""
        return str(self.number)


@dataclass(frozen=True)
class History:
    """What happened to a grant, and its amendments so far."""

    events: list[Event]
    amendments: list[Subject]

    @property
    def open_amendment(self) -> Subject | None:
        """The one that is neither in force nor ended."""
        return next((one for one in self.amendments if one.text in OPEN), None)


def history(grant: Grant, *, for_partner: bool = False) -> History:
    """Return what happened to a grant, newest first; for the partner its own part, without the words of staff. It takes
    two queries however much has happened.
    """
    subjects = _subjects(grant)
    wanted = {of: told for of, told in TOLD.items() if told.to_partner or not for_partner}
    about = Q()
    for model in {model for model, _ in wanted}:
        label = model._meta.label
        names = [event for of, event in wanted if of is model]
        keys = [str(one.pk) for one in subjects if one.label == label]
        about |= Q(subject_type=label, subject_id__in=keys, event__in=names)
    entries = AuditEntry.objects.filter(about).select_related("words").order_by("-seq")[:MOST]
    known = {(one.label, str(one.pk)): one for one in subjects}
    told = {(model._meta.label, event): how for (model, event), how in wanted.items()}
    ordinals = {one.terms_id: one.number for one in subjects if one.label == Amendment._meta.label and one.terms_id}
    teller = _Teller(grant, ordinals, for_partner=for_partner)
    events = [
        teller.event(entry, told[entry.subject_type, entry.event], known[entry.subject_type, entry.subject_id])
        for entry in entries
    ]
    return History(events, [one for one in subjects if one.label == Amendment._meta.label])


def _subjects(grant: Grant) -> list[Subject]:
    """Return the records that the line tells of, in one query."""

    def rows(found: QuerySet[Any], text: Any, number: Any, terms: Any = None) -> QuerySet[Any, tuple[Any, ...]]:
        return found.order_by().values_list(
            Value(found.model._meta.label, output_field=CharField()),
            "pk",
            Cast(text, CharField()),
            Cast(number, BigIntegerField()),
            Cast(terms or Value(0), BigIntegerField()),
        )

    parts = [
        rows(Agreement.objects.filter(terms__grant=grant), F("kind"), F("terms__version"), F("terms")),
        rows(Amendment.objects.filter(grant=grant), F("state"), F("ordinal"), Coalesce(F("terms"), Value(0))),
        rows(Campaign.objects.filter(grant=grant), F("currency"), Value(0)),
        rows(Report.objects.filter(grant=grant), F("title"), F("number")),
        rows(Tranche.objects.filter(grant=grant), Value(""), F("number")),
        rows(Condition.objects.filter(grant=grant), Value(""), F("number")),
        rows(Ending.objects.filter(grant=grant), F("state"), F("ordinal")),
    ]
    found = parts[0].union(*parts[1:], all=True)
    mine = Subject(Grant._meta.label, grant.pk, "", 0, 0)
    return [mine, *sorted((Subject(*row) for row in found), key=lambda one: (one.label, one.number))]


@dataclass(frozen=True)
class _Teller:
    """Tells one entry of the trail in words."""

    grant: Grant
    ordinals: Mapping[int, int]
    for_partner: bool = field(kw_only=True)

    def event(self, entry: AuditEntry, told: Told, subject: Subject) -> Event:
        """Return the point of the line."""
        name = entry.words.name or "Somebody"
        title = told.title.format(**self._names(entry, subject, name))
        if self.for_partner:
            return Event(told.state, title, str(entry.facts.get("public_reason", "")), entry.at)
        by = "" if "{name}" in told.title or entry.words.role == "system" else name
        note = entry.words.note if told.with_note else ""
        return Event(told.state, title, ": ".join(part for part in (by, note) if part), entry.at)

    def _names(self, entry: AuditEntry, subject: Subject, name: str) -> dict[str, str]:
        """Return what a title may name."""
        side = {"partner": " for the partner", "director": ", director"}.get(str(entry.facts.get("side", "")), "")
        subjects = {
            Amendment._meta.label: f"Amendment {subject.number}",
            Report._meta.label: subject.text,
            Tranche._meta.label: f"Payment {subject.number}",
            Condition._meta.label: f"Condition {subject.number}",
        }
        facts = entry.facts
        return {
            "name": name,
            "side": side,
            "subject": subjects.get(subject.label, ""),
            "amendment": f"amendment {subject.number}",
            "payment": f"payment {subject.number}",
            "condition": f"condition {subject.number}",
            "amount": format_amount(
                int(facts.get("amount_minor") or facts.get("written_off_minor") or 0), self.grant.currency
            ),
            "document": self._document(subject),
            "version": str(subject.number),
            "authority": str(entry.facts.get("authority", "")),
            "cap": format_amount(int(entry.facts.get("cap_minor", 0)), self.grant.currency),
        }

    def _document(self, subject: Subject) -> str:
        if subject.text == Agreement.Kind.AMENDMENT:
            return (
                f"Amendment {self.ordinals[subject.terms_id]}" if subject.terms_id in self.ordinals else "An amendment"
            )
        return {
            "agreement": "The agreement",
            "statement": "The statement of match",
            "closing": "The closing letter",
            "completion": "The completion letter",
        }.get(subject.text, "")
