"""The house rules as checks, each with a test that makes it fail."""
