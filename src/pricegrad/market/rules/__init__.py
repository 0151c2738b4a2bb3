"""The rules by which agents act, one a file, named after the literature."""
