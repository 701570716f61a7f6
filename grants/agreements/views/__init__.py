"""The pages of grants, signatures and verification."""
