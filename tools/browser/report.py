#!/usr/bin/env python3
"""Trains on a small table whose names try to be script, opens report.html from disk in Chromium, and finds in it the
curves (with the values under the pointer), the confusion matrix and the table of columns; nothing is complained of in
the console, nothing asked of the network, and no name from the data has become markup.

    tools/browser/report.py target/debug/kusari [--screenshots FOLDER]
"""

import argparse
import os
import subprocess
import sys
import tempfile

import chromium

HOSTILE = "</script><img src=x onerror=document.title='broken-in'>"


def table():
    """Two classes that a network tells apart, with a few rows that are wrong."""
    quoted = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [f"size,{quoted},colour,kind"]
    for i in range(120):
        kind = (i * 7 % 120 < 60) != (i % 11 == 0)
        rows.append(f"{i * 7 % 120},{i * 13 % 31},{'<b>red</b>' if i % 3 else 'blue'},{'a&b' if kind else quoted}")
    return "\n".join(rows) + "\n"


def check(what, holds, *seen):
    if not holds:
        sys.exit(f"browser: not so: {what} {' '.join(map(str, seen))}")
    print(f"browser: {what}")


def look(page, path):
    page.open(path)
    check("the page is the report", page.value("document.querySelector('h1').textContent") == "table.csv")
    charts = page.value("[...document.querySelectorAll('#curves .chart')].map(c => c.dataset.title)")
    check("curves of loss and accuracy", charts == ["loss", "accuracy"], charts)
    path_length = "document.querySelector('.chart[data-title=loss] svg path').getTotalLength()"
    check("the loss is drawn", page.value(path_length) > 100)

    loss = "document.querySelector('.chart[data-title=loss]')"
    box = page.value(f"(r => [r.x, r.y, r.width, r.height])({loss}.querySelector('svg').getBoundingClientRect())")
    x, y, width, height = box
    page.mouse("mouseMoved", x + 0.6 * width, y + 0.5 * height)
    tip = page.value(f"{loss}.querySelector('.tip').innerText")
    shown = page.value(f"!{loss}.querySelector('.tip').hidden")
    check("values under the pointer", shown and "epoch " in tip and "training 0." in tip and "validation 0." in tip, repr(tip))
    beside = page.value(f"(r => [r.left, r.right, r.top, r.bottom])({loss}.querySelector('.tip').getBoundingClientRect())")
    near = x < beside[0] and beside[1] < x + width and y < beside[2] and beside[3] < y + height
    check("beside it", near, beside, box)
    drawn = f"{loss}.querySelector('svg path').getAttribute('d')"
    before = page.value(drawn)
    page.value(f"{loss}.querySelector('button.log').click()")
    check("a logarithmic scale", page.value(drawn) != before)
    page.mouse("mouseMoved", x + 0.4 * width, y + 0.5 * height)
    page.mouse("mousePressed", x + 0.4 * width, y + 0.5 * height, button="left", clickCount=1)
    page.mouse("mouseMoved", x + 0.8 * width, y + 0.5 * height, button="left", buttons=1)
    page.mouse("mouseReleased", x + 0.8 * width, y + 0.5 * height, button="left", clickCount=1)
    check("a part enlarged", page.value(f"!{loss}.querySelector('.reset').hidden"))

    matrix = page.value("[...document.querySelectorAll('table.matrix tbody td')].map(td => Number(td.textContent))")
    check("the confusion matrix", len(matrix) == 4 and sum(matrix) == 24, matrix)
    columns = page.value("[...document.querySelectorAll('#data table:last-of-type tbody tr td:first-child')].map(t => t.textContent)")
    check("the table of columns, names as they are", columns[-4:] == ["size", HOSTILE, "colour", "kind"], columns)
    check("the worst mistakes", page.value("document.querySelectorAll('#worst-mistakes tbody tr').length") > 0)
    check("times, settings and command", all(page.value(f"document.querySelector({s!r}) !== null") for s in
          ["#time-per-function .share", "#settings dd", "#settings pre"]))
    check("no name became markup", page.value("document.title") == "table.csv" and
          page.value("document.querySelectorAll('main img, main b.x, td b, th b').length") == 0)
    check("no complaint in the console", not page.errors, page.errors)
    asked = [url for url in page.requests if not url.startswith(("file://", "data:", "about:"))]
    check("nothing asked of the network", not asked and len([u for u in page.requests if u.startswith("file:")]) == 1, page.requests)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("kusari")
    parser.add_argument("--screenshots", help="also leave pictures of the page here")
    arguments = parser.parse_args()
    kusari = os.path.abspath(arguments.kusari)
    if chromium.find() is None:
        sys.exit("browser: there is no Chromium on the path")
    with tempfile.TemporaryDirectory(prefix="kusari-report-") as folder:
        with open(os.path.join(folder, "table.csv"), "w") as file:
            file.write(table())
        train = [kusari, "train", "table.csv", "--members", "1", "--unit", "16", "--epoch", "12", "--lr", "0.02", "--refit", "no"]
        done = subprocess.run(train, cwd=folder, capture_output=True, text=True)
        check("a table was trained on", done.returncode == 0, done.stderr)
        report = os.path.join(folder, "result", "report.html")
        with chromium.Page() as page:
            look(page, report)
        if arguments.screenshots:
            for name, width, dark in [("light", 1200, False), ("dark", 1200, True), ("phone", 390, False)]:
                with chromium.Page(width, 900, dark) as page:
                    page.open(report)
                    page.screenshot(os.path.join(arguments.screenshots, f"report-{name}.png"))


if __name__ == "__main__":
    main()
