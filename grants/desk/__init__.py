"""Where staff arrive: the officer's queue and the auditor's overview."""
