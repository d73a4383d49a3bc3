"""The examples of docs/language.md: whole networks are accepted, mistakes are refused with the message that the page shows."""

import os
import re

from glion_test import ROOT, check, finish, glion, workspace

INPUT_FAULT = 2  # exit status
WHOLE = re.compile(r"^```glion\n(.*?)^```", re.MULTILINE | re.DOTALL)
MISTAKE = re.compile(r"^```glion-error\n(.*?)^```", re.MULTILINE | re.DOTALL)
MESSAGE = re.compile(r"^# (.*)$", re.MULTILINE)  # in the last lines of a mistake


def checked(folder, network):
    """`glion check` on a file that is called as on the page, in its own folder."""
    with open(os.path.join(folder, "network.glion"), "w") as file:
        file.write(network)
    return glion("check", "network.glion", cwd=folder)


def main():
    with open(os.path.join(ROOT, "docs", "language.md")) as file:
        text = file.read()
    networks, mistakes = WHOLE.findall(text), MISTAKE.findall(text)
    check(networks and mistakes, "docs/language.md has no examples")
    with workspace() as folder:
        for network in networks:
            process = checked(folder, network)
            check(process.returncode == 0 and "warning" not in process.stderr, f"{network}\nis refused:\n{process.stderr}")
        for network in mistakes:
            messages = MESSAGE.findall(network)
            check(messages, f"{network}\nhas no message")
            process = checked(folder, network)
            check(process.returncode == INPUT_FAULT, f"{network}\nis not refused: status {process.returncode}")
            for line in messages:
                check(line in process.stderr, f"{network}\nis refused with\n{process.stderr}\nand not with\n{line}")
    finish()


main()
