"""`python -m ncco_lang`: the command `ncco`."""

from ncco_lang.cli.main import main

main()
