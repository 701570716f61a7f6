"""What leaves the portal for other programs: tables for finance as CSV, awarded grants as 360Giving data."""
