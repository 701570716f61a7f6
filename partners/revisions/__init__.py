"""Room of the revisions: drafts of a checklist, their publishing, and calls that move to a new version."""
