"""What NCCO knows: the schema, read and applied."""
