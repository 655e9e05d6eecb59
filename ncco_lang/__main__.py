"""Run the command `ncco` with `python -m ncco_lang`."""

from ncco_lang.cli.main import main

main()
