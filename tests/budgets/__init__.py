"""Tests of budgets: what is reserved, what it comes to, and that no line is crossed."""
