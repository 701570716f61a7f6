"""The pages of the public, of the ledger, and of reports."""
