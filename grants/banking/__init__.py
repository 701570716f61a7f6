"""Bank details: entered by the partner, called back, approved by a second person, before anything is paid."""
