"""Purges deleted vaults and workspaces, so that their names are free again.

Usage: python -m emulator.purge --store DIR [NAME ...]

Azure keeps such names for days after a deletion; `az keyvault purge` does there what
this does to the emulated Azure. Without names it purges all of them.
"""

import argparse
import sys
from pathlib import Path

from emulator.resource_paths import last_name
from emulator.store import Store, StoreUnusable


def main(arguments: list[str]) -> int:
    """Purge, and say what was purged.

    Returns 1 if a name is that of no deleted resource, 2 if the store is unusable.
    """
    parser = argparse.ArgumentParser(prog="python -m emulator.purge")
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args(arguments)
    try:
        store = Store(options.store)
    except (OSError, StoreUnusable) as failure:
        print(f"purge: error: {failure}", file=sys.stderr)
        return 2
    held = {last_name(d.id).lower(): d for d in store.deleted_names()}
    wanted = [name.lower() for name in options.names] or list(held)
    missing = [name for name in wanted if name not in held]
    for name in wanted:
        if name in held:
            store.release_name(held[name].token, held[name].name)
            print(f"purged {held[name].id}")
    store.close()
    for name in missing:
        print(
            f"{name}: no deleted vault or workspace has this name; "
            f"there are {', '.join(held) or 'none'}",
            file=sys.stderr,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
