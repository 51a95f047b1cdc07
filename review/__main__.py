"""Entry point of `python -m review`."""

import sys

from review.command_line import main

sys.exit(main(sys.argv[1:]))
