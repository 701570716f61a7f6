"""One page for each application: where it stands, what is next, what staff note about it; and the search for it."""
