#!/usr/bin/python3
"""Does a room include only rooms before it? The order is that of the way of the data (docs/contributing.md).

usage: check_rooms.py SOURCE_FOLDER"""

import os
import re
import sys

ROOMS = "support language data plan kernels network engine recording simulation cli".split()
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"/]+)/([^"]+)"', re.MULTILINE)


def wrong_includes(source, room):
    """Includes of later or unknown rooms in the files of one room, a sentence each."""
    allowed = ROOMS[: ROOMS.index(room) + 1]
    for name in sorted(os.listdir(os.path.join(source, room))):
        path = os.path.join(source, room, name)
        if name.endswith((".c", ".h")):
            with open(path) as file:
                for included, header in INCLUDE.findall(file.read()):
                    if included not in allowed + ["glion"]:
                        yield f'{path}: includes "{included}/{header}", but {room} may include only {" ".join(allowed)}'


def main():
    source = sys.argv[1]
    unknown = sorted(set(os.listdir(source)) - set(ROOMS))
    found = [f"{source}/{name}: not a room" for name in unknown]
    for room in ROOMS:
        found += wrong_includes(source, room)
    sys.exit("\n".join(found) or 0)


main()
