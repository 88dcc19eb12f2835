"""Maps and heat maps as files."""
