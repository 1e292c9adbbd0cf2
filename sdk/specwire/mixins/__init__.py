"""Hand-written methods of generated resources, named in ``openapi/plan.toml``."""
