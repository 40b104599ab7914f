"""Everything that one tracker knows, and the only way in which it changes."""
