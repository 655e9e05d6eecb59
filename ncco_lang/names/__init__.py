"""The tree → who is declared, who is meant: params, lets, defaults and interpolation become literals."""
