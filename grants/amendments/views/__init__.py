"""The pages of amendments, one module a noun."""
