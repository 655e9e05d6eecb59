"""The one HTTP client: requests in, answers out; nothing of `httpx` leaves this room."""
