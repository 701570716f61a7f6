"""The records of intake: files on their way, Stripe's events, and gifts that wait for a second person."""

from grants.intake.models.hand import HandGift as HandGift
from grants.intake.models.hand import HandLimit as HandLimit
from grants.intake.models.imports import GiftImport as GiftImport
from grants.intake.models.imports import GiftSource as GiftSource
from grants.intake.models.imports import ImportFault as ImportFault
from grants.intake.models.imports import StagedGift as StagedGift
from grants.intake.models.stripe import ChargeAssignment as ChargeAssignment
from grants.intake.models.stripe import StripeEvent as StripeEvent
from grants.intake.models.stripe import StripeOutcome as StripeOutcome
from grants.intake.models.stripe import StripePayer as StripePayer
from grants.intake.models.stripe import WebhookRefusal as WebhookRefusal
