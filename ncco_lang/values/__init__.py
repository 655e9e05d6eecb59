"""Pure functions on values: numbers, durations, speech markup."""
