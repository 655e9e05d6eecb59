"""Checks: values and trees in, findings out."""
