"""Results shown: terminal tables, JSON objects, pictures."""
