"""Room of the papers: uploaded once, checked, kept by version."""
