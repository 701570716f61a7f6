"""The pages of panels, by whose they are."""
