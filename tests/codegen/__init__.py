"""The generator: from a document to a package."""
