"""Who may make and end the links to a donor's receipt; reading one needs the link, and nothing else."""

import rules

from grants.campaigns.rules import handles_gifts, is_about_a_record

rules.add_perm("grants.issue_receipt", is_about_a_record & handles_gifts)
rules.add_perm("grants.revoke_receipt", is_about_a_record & handles_gifts)
