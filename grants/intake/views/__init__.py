"""The pages of intake, and the address that Stripe writes to."""
