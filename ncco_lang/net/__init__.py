"""Send HTTP requests. No type of `httpx` is visible outside this package."""
