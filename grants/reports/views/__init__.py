"""The pages of reports, of their papers and stories, of consents, and of what the public reads."""
