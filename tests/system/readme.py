"""What the README shows works: its commands exist, its network file runs, and its lines of Python read the recordings."""

import os
import re
import subprocess
import sys

from glion_test import ROOT, check, finish, glion, run, workspace

SMALL = ["-D", "N_ex=160", "-D", "N_in=40", "-D", "N_astro=200", "-D", "p=0.5", "-D", "T_pre=10 ms", "-D", "T=40 ms"]


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def check_links(text):
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        check(os.path.exists(os.path.join(ROOT, target)), f"README.md links to {target}, which does not exist")


def check_commands(text):
    for command in re.findall(r"^(tools/\S+)", "".join(blocks(text, "sh")), re.MULTILINE):
        check(os.access(os.path.join(ROOT, command), os.X_OK), f"README.md calls {command}, which cannot be run")


def check_network(text, folder):
    path = os.path.join(folder, "readme.glion")
    with open(path, "w") as file:
        file.write(blocks(text, "glion")[0])
    run(path, os.path.join(folder, "readme"), ranks=2)


def check_python(text, folder):
    """In a folder where the astrocyte network has been run as its command does."""
    output = os.path.join(folder, "out", "astrocyte_brunel")
    os.makedirs(os.path.dirname(output))
    run(os.path.join(ROOT, "jobs", "astrocyte_brunel", "astrocyte_brunel.glion"), output, *SMALL, ranks=2)
    snippet = blocks(text, "python")[0]
    check(len(snippet.strip().splitlines()) <= 5, "reading the recordings takes more than five lines")
    done = subprocess.run([sys.executable, "-c", snippet], cwd=folder, capture_output=True, text=True)
    check(done.returncode == 0 and done.stdout, f"the README's Python fails:\n{done.stderr}")
    picture = os.path.join(folder, "picture.png")
    plot = os.path.join(ROOT, "tools", "plot_astrocyte_network.py")
    done = subprocess.run([sys.executable, plot, output, "-o", picture], capture_output=True, text=True)
    check(done.returncode == 0 and os.path.getsize(picture) > 10000, f"the picture is not drawn:\n{done.stderr}")


def check_table(folder):
    """The commands of the table beside `run`."""
    network = os.path.join(folder, "readme.glion")
    for arguments in (["check", network], ["explain", network], ["models"], ["models", "tsodyks"], ["connections", network, "--statistics"]):
        process = glion(*arguments, ranks=2)
        check(process.returncode == 0, f"glion {' '.join(arguments)}: status {process.returncode}\n{process.stderr}")
    exported = os.path.join(folder, "edges")
    process = glion("connections", network, "--export", exported, ranks=2)
    check(process.returncode == 0 and os.listdir(exported), f"glion connections --export: {process.stderr}")


def check_options(text):
    """Every option of the README's table is one of the program's."""
    usage = glion("--help").stdout
    for option in set(re.findall(r"`(--?[a-zA-Z0-9]+)", text)) - {"--all"}:
        check(option in usage, f"README.md shows {option}, which `glion --help` does not know")


def main():
    with open(os.path.join(ROOT, "README.md")) as file:
        text = file.read()
    check_links(text)
    check_commands(text)
    check_options(text)
    with workspace() as folder:
        check_network(text, folder)
        check_table(folder)
        check_python(text, folder)
    finish()


main()
