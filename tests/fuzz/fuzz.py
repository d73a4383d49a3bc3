#!/usr/bin/python3
"""Fuzzes parser, checker and planner, guided by the code that texts reach (libFuzzer, with AddressSanitizer and
UndefinedBehaviorSanitizer).

usage: tests/fuzz/fuzz.py [SECONDS] [--build FOLDER] [--keep]
  SECONDS    how long (60)
  --build    where the fuzzer is built (build-fuzz)
  --keep     add to corpus.txt the texts that reached something new

It begins from the kept corpus and from every network file of the tree. What it finds stands in FOLDER/found: the text that did
it; `FOLDER/tests/check_fuzz FILE` does it again. Exit status 77: clang is missing."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CORPUS = os.path.join(HERE, "corpus.txt")
BETWEEN = "\n-------- 8< --------\n"
COMPILER = "clang-14"
EXAMPLE = re.compile(r"^```glion(?:-error)?\n(.*?)^```", re.MULTILINE | re.DOTALL)
WORD = re.compile(r'"([a-z_]{2,24})"')  # in the sources of the language: its words
LONGEST = 3000  # bytes of a text; whole networks of the tree are shorter, and longer ones are slow to try
KEPT_LONGEST = 300  # bytes of a text worth keeping: small ones say what they are for
SKIPPED = 77


def build(folder):
    options = ["-DCMAKE_C_COMPILER=" + COMPILER, "-DGLION_FUZZ=ON", "-DGLION_SANITIZE=ON", "-DCMAKE_C_FLAGS_RELEASE=-O1 -g"]
    with tempfile.TemporaryFile("w+") as log:
        for command in (
            ["cmake", "-S", ROOT, "-B", folder, "-DPython3_EXECUTABLE=/usr/bin/python3", *options],
            ["cmake", "--build", folder, "-j", "2", "--target", "check_fuzz"],
        ):
            if subprocess.run(command, stdout=log, stderr=log).returncode:
                log.seek(0)
                sys.exit(log.read())
    return os.path.join(folder, "tests", "check_fuzz")


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def kept():
    return read(CORPUS).split(BETWEEN) if os.path.exists(CORPUS) else []


def texts_of_the_tree():
    for kind in ("models/*/*.glion", "jobs/*/*.glion", "tests/**/*.glion"):
        for path in glob.glob(os.path.join(ROOT, kind), recursive=True):
            yield read(path)
    for page in glob.glob(os.path.join(ROOT, "docs", "*.md")):
        yield from EXAMPLE.findall(read(page))


def write_words(path):
    """A dictionary of the words of the language."""
    words = set()
    for source in glob.glob(os.path.join(ROOT, "src", "language", "*.[ch]")):
        words.update(WORD.findall(read(source)))
    with open(path, "w") as file:
        file.writelines(f'"{word}"\n' for word in sorted(words))


def write_texts(folder, texts):
    os.makedirs(folder)
    for number, text in enumerate(texts):
        with open(os.path.join(folder, f"{number:05}"), "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)


def fuzz(program, seconds, room, found):
    write_words(os.path.join(room, "words"))
    write_texts(os.path.join(room, "kept"), kept())
    write_texts(os.path.join(room, "tree"), texts_of_the_tree())
    os.makedirs(os.path.join(room, "new"))
    os.makedirs(found, exist_ok=True)
    command = [
        program,
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-timeout=20",
        "-rss_limit_mb=4096",
        f"-dict={room}/words",
        f"-artifact_prefix={found}/",
        "-print_final_stats=1",
        f"{room}/new",
        f"{room}/kept",
        f"{room}/tree",
    ]
    # what libraries keep until the end is not looked for (as in the other tests)
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, errors="replace")


def is_readable(text):
    return all(character == "\n" or " " <= character <= "~" for character in text)


def keep(program, room):
    """The smallest set of texts, kept and new, that reaches as much."""
    merged = os.path.join(room, "merged")
    os.makedirs(merged)
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    subprocess.run(
        [program, "-merge=1", f"-max_len={LONGEST}", f"{merged}", f"{room}/tree", f"{room}/kept", f"{room}/new"],
        env=environment,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    tree = set(texts_of_the_tree())
    texts = [read(path) for path in sorted(glob.glob(os.path.join(merged, "*")))]
    texts = [text for text in texts if text not in tree and len(text) <= KEPT_LONGEST and is_readable(text)]
    with open(CORPUS, "w") as file:
        file.write(BETWEEN.join(sorted(texts, key=len)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    parser.add_argument("--build", default=os.path.join(ROOT, "build-fuzz"))
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if not shutil.which(COMPILER):
        print(f"{COMPILER} is not installed: tools/setup.sh --all installs it")
        sys.exit(SKIPPED)
    program = build(options.build)
    with tempfile.TemporaryDirectory() as room:
        process = fuzz(program, options.seconds, room, os.path.join(options.build, "found"))
        if process.returncode:
            sys.exit(process.stderr)
        if options.keep:
            keep(program, room)
            print(process.stderr[-400:])


main()
