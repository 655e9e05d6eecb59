"""A checked tree → an NCCO, with the place in the text that each part came from."""
