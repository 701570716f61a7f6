"""Grants, their frozen terms, the agreement as a PDF, signatures, seal and verification."""
