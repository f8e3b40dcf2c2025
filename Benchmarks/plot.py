"""Draws the plots of a benchmark run as SVG, from its JSON.

Usage: plot.py RESULT.json FOLDER
"""

import json
import pathlib
import re
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt


def series(rows, pattern):
    """The points of the rows whose id matches, by the number in it."""
    points = []
    for row in rows:
        match = re.fullmatch(pattern, row["id"])
        if match:
            points.append((float(match.group(1)), row["value"]))
    return sorted(points)


def draw(folder, name, title, across, up, lines, logarithmic=True, floor=None):
    lines = {label: points for label, points in lines.items() if len(points) > 1}
    if not lines:
        return
    figure, axes = plt.subplots(figsize=(6, 3.6))
    for label, points in lines.items():
        axes.plot(*zip(*points), marker="o", label=label)
    if logarithmic:
        axes.set_xscale("log")
    axes.set(title=title, xlabel=across, ylabel=up)
    axes.set_ylim(bottom=floor)
    axes.grid(True, alpha=0.3)
    if len(lines) > 1:
        axes.legend()
    figure.tight_layout()
    figure.savefig(folder / f"{name}.svg")


def main():
    rows = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    draw(folder, "batch-size", "Durable transfers over HTTP", "transfers a submission",
         "transfers a second", {"": series(rows, r"batch-(\d+)")}, floor=0)
    draw(folder, "wallets", "Engine alone, batches of 8,000", "wallets", "transfers a second",
         {"": series(rows, r"wallets-(\d+)")}, floor=0)
    draw(folder, "log-length", "Engine alone, batches of 8,000", "entries in the log",
         "transfers a second", {"": series(rows, r"length-(\d+)")}, logarithmic=False, floor=0)
    draw(folder, "latency", "Single payments, open loop", "offered, payments a second",
         "latency, ms",
         {name: series(rows, rf"latency-(\d+)-{name}") for name in ["p50", "p99", "p99.9"]},
         logarithmic=False, floor=0)


main()
