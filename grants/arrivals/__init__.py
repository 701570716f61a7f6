"""What partners say of the arrival of payments, and how it compares with what was paid."""
