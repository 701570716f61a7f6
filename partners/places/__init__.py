"""Places: countries, how far they are developed, and which of them are closed by comprehensive sanctions, and when."""
