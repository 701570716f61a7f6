"""Match funds and their ledger: money that the funder sets aside, reserves for grants and pays as matches."""
