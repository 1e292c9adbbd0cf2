"""What is released: one version, its changes, its archives."""
