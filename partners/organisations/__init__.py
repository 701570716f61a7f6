"""Room of the partner organisations: members, invitations, people."""
