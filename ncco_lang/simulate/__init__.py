"""Play NCCO by the platform's rules on a virtual clock: no network, no files, no real time."""
