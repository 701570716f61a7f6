"""Where gifts come from: files of payment services, Stripe’s webhooks, cheques and transfers by hand."""
