"""Pure functions on typed values: numbers, durations, speech markup."""
