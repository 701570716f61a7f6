"""The pages of the public and of the ledger."""
