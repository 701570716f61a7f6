"""The public pages, and the staff's page of a gift's receipt links."""
