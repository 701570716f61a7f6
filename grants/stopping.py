"""What stops the payments of a grant: an end that somebody asked for."""

from grants.endings.readiness import STOPS_PAYMENTS

PAYMENT_STOPS = (STOPS_PAYMENTS,)
