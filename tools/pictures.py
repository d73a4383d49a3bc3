"""What the programs that draw runs share: their colours, and their command line.

Such a program has a function draw(folder, path, …), which reads the recordings in a folder and writes a PNG file. Its options are
the further arguments of that function."""

import argparse
import os

import matplotlib

matplotlib.use("Agg")

# Okabe and Ito's palette: told apart with any kind of colour vision
BLACK, BLUE, VERMILLION, GREEN = "#000000", "#0072B2", "#D55E00", "#009E73"


def without_frame(*panels):
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)


def legend_above(axes, **options):
    """In one line, where it hides nothing."""
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0, ncols=9, **options)


def main(description, draw, add_options=lambda parser: None):
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="output folder of the run")
    parser.add_argument("-o", "--output", help="PNG file to write; default: picture.png in the folder")
    add_options(parser)
    options = vars(parser.parse_args())
    folder, output = options.pop("folder"), options.pop("output")
    draw(folder, output or os.path.join(folder, "picture.png"), **options)
