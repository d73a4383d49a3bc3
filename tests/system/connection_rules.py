"""The examples of docs/connection-rules.md: each is put behind the network that the page begins with, and built on two ranks."""

import os
import re

from glion_test import ROOT, check, finish, glion, workspace

EXAMPLE = re.compile(r"^```glion\n(.*?)^```", re.MULTILINE | re.DOTALL)


def main():
    with open(os.path.join(ROOT, "docs", "connection-rules.md")) as file:
        text = file.read()
    network, *examples = EXAMPLE.findall(text)
    check(examples, "docs/connection-rules.md has no examples")
    with workspace() as folder:
        path = os.path.join(folder, "network.glion")
        for example in examples:
            with open(path, "w") as file:
                file.write(network + example + "run 1 ms\n")
            process = glion("connections", path, "--statistics", ranks=2)
            check(process.returncode == 0, f"{example}\nstatus {process.returncode}:\n{process.stderr}")
            for kind in ("primary", "third_in", "third_out") if "via" in example else ("plain",):
                check(re.search(rf" {kind} +\w+ +[1-9]", process.stdout), f"{example}\nno {kind} connections:\n{process.stdout}")
    finish()


main()
