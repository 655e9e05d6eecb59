"""The parsed file → the bound program: what every statement means, with its values evaluated as far as they are known."""
