"""Entry point of `python -m review`."""

import sys

from azureml_rulebook.standard_streams import until_readers_leave
from review.command_line import main
from review.outcomes import ExitCode

# The reports are written before the summary, whoever reads that.
sys.exit(until_readers_leave(lambda: main(sys.argv[1:]), ExitCode.FAILED))
