"""The emulator's log file: one line for each call, never a value of an input."""

import logging
import logging.handlers
from pathlib import Path

_LARGEST_BYTES = 2_000_000
_FORMER_FILES = 2


def open_log(path: Path) -> logging.Logger:
    """Open the log file; it is turned over at two megabytes, two old ones are kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=_LARGEST_BYTES, backupCount=_FORMER_FILES, encoding="utf-8"
    )
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(message)s")
    )
    logger = logging.getLogger("emulator")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    for former in list(logger.handlers):
        logger.removeHandler(former)
        former.close()
    logger.addHandler(handler)
    return logger
