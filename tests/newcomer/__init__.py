"""A newcomer's first hour, and what it looks like."""
