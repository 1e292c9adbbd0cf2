"""Provider-neutral chat: one call for every provider, where the provider is data."""
