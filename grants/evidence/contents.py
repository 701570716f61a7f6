"""What a grant's evidence holds: each file of the bundle, made from the records as they stand."""

from collections.abc import Iterator
from typing import Any

from asn1crypto import pem
from django.conf import settings
from django.template.loader import render_to_string

from grants.agreements.briefing.paper import brief_pdf
from grants.agreements.models import Agreement, Brief, Grant, Signature
from grants.agreements.sealing import timestamps_of
from grants.agreements.verification import seal_of
from grants.campaigns.models import Campaign
from grants.evidence.archive import Member, readable
from grants.evidence.arrivals import arrivals_of
from grants.evidence.conditions import conditions_of
from grants.evidence.matched import match_events, match_lines, sealed_lines
from reviews.panels.models import ConflictDeclaration, Moderation, Recommendation, Review
from vetting_portal.audit import moment
from vetting_portal.canonical import canonical_json
from vetting_portal.files import read_stored

FORMAT = "vetting-portal-evidence/1"


def documents(grant: Grant) -> list[Agreement]:
    """Return every sealed document of the grant, the earliest first, with all that the bundle tells of it."""
    sealed = Agreement.objects.sealed().filter(terms__grant=grant).for_verification()
    return list(sealed.prefetch_related("signatures__challenge").order_by("sealed_at", "pk"))


def folder_of(document: Agreement) -> str:
    """Return the folder of a document: ``agreement-v1``, ``amendment-v2``, ``statement``, ``closing``,
    ``completion``.
    """
    alone = {Agreement.Kind.STATEMENT, Agreement.Kind.CLOSING, Agreement.Kind.COMPLETION}
    return document.kind if document.kind in alone else f"{document.kind}-v{document.terms.version}"


def members(grant: Grant, sealed: list[Agreement]) -> Iterator[Member]:
    """Yield the files that follow from the records, in the order of the bundle."""
    yield Member("README.txt", _readme(grant).encode())
    for document in sealed:
        yield from _document(document)
    yield Member("documents.json", readable([_told(document) for document in sealed]))
    yield Member("signatures.json", readable([_signature(one) for doc in sealed for one in doc.signatures.all()]))
    campaign = Campaign.objects.with_grant().filter(grant=grant).first()
    if campaign is not None:
        yield Member("match/lines.json", readable(match_lines(campaign)))
        yield Member("match/events.json", readable(match_events(campaign)))
        has_statement = any(document.kind == Agreement.Kind.STATEMENT for document in sealed)
        if has_statement and (lines := sealed_lines(campaign)):
            yield Member("match/sealed_lines.json", readable(lines))
    yield Member("payments/arrivals.json", readable(arrivals_of(grant)))
    yield from _briefs(grant)
    yield Member("vetting/scores.json", readable(_scores(grant)))
    yield Member("vetting/decisions.json", readable(_decisions(grant)))
    yield Member("vetting/conditions.json", readable(conditions_of(grant)))
    for fingerprint, certificate in sorted(_certificates(sealed).items()):
        yield Member(f"certificates/seal-{fingerprint[:16]}.pem", pem.armor("CERTIFICATE", certificate))
    yield from _timestamps(sealed)


def _certificates(sealed: list[Agreement]) -> dict[str, bytes]:
    """Return the certificates that sealed these documents, by fingerprint; only those whose seal holds."""
    seals = [seal_of(document) for document in sealed]
    return {seal.fingerprint: seal.certificate for seal in seals if seal.is_valid}


def _readme(grant: Grant) -> str:
    return render_to_string("grants/evidence/README.txt", {"grant": grant, "site": settings.PUBLIC_URL})


def _document(document: Agreement) -> Iterator[Member]:
    """Yield the files of one document: sealed, signed, and the data that it was made from."""
    folder = folder_of(document)
    if document.sealed_file is not None:
        yield Member(f"{folder}/sealed.pdf", read_stored(document.sealed_file))
    if document.signed_file is not None:
        yield Member(f"{folder}/signed.pdf", read_stored(document.signed_file))
    if document.content is not None:
        yield Member(f"{folder}/{document.kind}.json", canonical_json(document.content))
    yield Member(f"{folder}/terms.json", document.terms.canonical)


def _told(document: Agreement) -> dict[str, Any]:
    """Return what is on record of a document: its hashes, its seal, and whether it was revoked."""
    told = {
        "folder": folder_of(document),
        "kind": document.kind,
        "number": document.number,
        "version": document.terms.version,
        "terms_sha256": document.terms.sha256,
        "content_sha256": document.content_sha256,
        "signed_sha256": document.signed_sha256,
        "sealed_sha256": document.sealed_sha256,
        "sealed_at": moment(document.sealed_at) if document.sealed_at else None,
        "seal_level": document.seal_level,
        "example": document.is_example,
        "record": f"{settings.PUBLIC_URL}{document.verify_path}",
        "revoked": None,
    }
    if document.revoked_at is not None:
        told["revoked"] = {"at": moment(document.revoked_at), "reason": document.public_reason}
    return told


def _signature(signature: Signature) -> dict[str, Any]:
    """Return a signature as it was recorded, with the challenge it answered, and for a passkey the assertion."""
    challenge = signature.challenge
    return {
        "number": signature.number,
        "id": signature.pk,
        "folder": folder_of(signature.agreement),
        "actor_id": signature.user_id,
        "side": signature.side,
        "name": signature.name,
        "title": signature.title,
        "authority": signature.authority,
        "organisation": signature.organisation_name,
        "method": signature.method,
        "document_sha256": signature.document_sha256,
        "consent": {"version": signature.consent_version, "text": signature.consent_text},
        "signed_at": moment(signature.signed_at),
        "time_zone": signature.time_zone,
        "challenge": {
            "nonce": challenge.nonce,
            "document_sha256": challenge.document_sha256,
            "made_at": moment(challenge.made_at),
            "expires_at": moment(challenge.expires_at),
            "used_at": moment(challenge.used_at) if challenge.used_at else None,
        },
        "assertion": signature.assertion,
    }


def _briefs(grant: Grant) -> Iterator[Member]:
    """Yield what the directors were told when terms were frozen, as it was kept."""
    for kept in Brief.objects.filter(terms__grant=grant).select_related("terms").order_by("terms__version"):
        folder, terms = f"brief-v{kept.terms.version}", kept.terms.content
        made = brief_pdf(kept.content, funder=terms["funder"]["name"], example=terms["example"])
        yield Member(f"{folder}/brief.json", kept.canonical)
        yield Member(f"{folder}/brief.pdf", made.content)


def _keys(grant: Grant) -> dict[int, str]:
    """Return how each reviewer is called here, by the person's id: ``reviewer 1`` is who was asked first."""
    asked = Review.objects.filter(submission=grant.submission_id).order_by("pk").values_list("reviewer", flat=True)
    return {person: f"reviewer {place}" for place, person in enumerate(asked, start=1)}


def _scores(grant: Grant) -> list[dict[str, Any]]:
    """Return every submitted version of every review; who a reviewer is stays in the portal."""
    keys = _keys(grant)
    reviews = Review.objects.filter(submission=grant.submission_id).prefetch_related("versions").order_by("pk")
    return [
        {
            "reviewer": keys[review.reviewer_id],
            "review": review.pk,
            "state": review.state,
            "versions": [
                {
                    "number": version.number,
                    "submitted_at": moment(version.submitted_at),
                    "sha256": version.sha256,
                    "content": version.content,
                }
                for version in review.versions.all()
            ],
        }
        for review in reviews
    ]


def _decisions(grant: Grant) -> dict[str, Any]:
    """Return what was declared, agreed, recommended and decided: gates, conditions and overrides with it."""
    keys, about = _keys(grant), {"submission": grant.submission_id}
    made = Recommendation.objects.filter(**about).order_by("pk")
    return {
        "submission": {
            "number": grant.submission.number,
            "versions": list(grant.submission.versions.order_by("number").values("number", "sha256")),
        },
        "declarations": [
            {
                "person": keys.get(one.user_id, f"person {one.user_id}"),
                "as": one.as_role,
                "has_interest": one.has_interest,
                "at": moment(one.declared_at),
            }
            for one in ConflictDeclaration.objects.filter(**about).order_by("declared_at", "pk")
        ],
        "moderations": [
            {
                "criterion": one.criterion.code,
                "concerns": one.concerns,
                "resolution": one.resolution,
                "at": moment(one.resolved_at),
            }
            for one in Moderation.objects.filter(**about).select_related("criterion").order_by("pk")
        ],
        "recommendations": [_recommendation(one) for one in made],
        "overrides": [_recommendation(one) for one in made if one.is_override],
    }


def _recommendation(made: Recommendation) -> dict[str, Any]:
    names = (
        "outcome", "composite_exact", "composite_text", "band", "review_count", "gates", "disagreements", "figures",
        "conditions", "reason", "is_override",
    )  # fmt: skip
    return {
        **{name: getattr(made, name) for name in names},
        "at": moment(made.recommended_at),
        "actor_id": made.recommended_by_id,
        "superseded_at": moment(made.superseded_at) if made.superseded_at else None,
    }


def _timestamps(sealed: list[Agreement]) -> Iterator[Member]:
    """Yield the timestamps of the sealed files, where an authority gave any: the token and the certificates."""
    for document in sealed:
        for place, stamp in enumerate(timestamps_of(document), start=1):
            name = f"timestamps/{folder_of(document)}-{place}"
            yield Member(f"{name}.tsr", bytes(stamp.token))
            yield Member(f"{name}.pem", stamp.pem.encode())
