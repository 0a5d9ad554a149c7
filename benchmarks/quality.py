"""`python -m benchmarks.quality`: how right the tags are on labelled texts, each figure beside its floor.

Exit status: 0 all floors are held, 1 some is not, 2 the product failed on the evaluation's texts.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.labels import read_sheets
from benchmarks.scores import ALL, GROUPS, OTHERS, Scores, score
from benchmarks.threads import read_reports, score_threads
from ceasewire import bundled
from ceasewire.engine import build_engine

PROJECT = Path(__file__).resolve().parent.parent
SETTINGS = Path(__file__).with_name("quality.toml")
COLUMNS = (ALL, *GROUPS, OTHERS)
NAMES = ("about", "issues", "actors", "alert anywhere", "alert here", "conflict")
FIGURES = (*(f"{name}, {label}" for name in NAMES for label in ("precision", "recall")), "language, recall")
WORDS = {"language, recall": "language right or left open"}
FORMS = {"full": "full text", "short": "title and the first 160 characters"}
LINE = re.compile(r"^(?:short|ok)? +(\S.*?) {2,}(\d\.\d{3}) ", re.MULTILINE)
"""A figure of the evaluation's output."""

Floors = dict[str, dict[str, dict[str, float]]]


def read_floors() -> Floors:
    """Least values by form, figure and group of languages."""
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    return {form: settings[form] for form in FORMS}


def score_samples() -> dict[str, Scores]:
    """The scores of the bundled packs and rules over the samples, by form."""
    engine = build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), ())
    sheets = tuple(read_sheets())
    return {form: score(engine, sheets, short=form == "short") for form in FORMS}


def under(scores: Scores, floors: dict[str, dict[str, float]]) -> list[str]:
    """The figures that are under their floor, in words; a floor whose figure is not there too."""
    figures = scores.figures()
    low = []
    for name, groups in floors.items():
        for group, floor in groups.items():
            value = figures.get((name, group))
            if value is None or value < floor:
                low.append(f"{name}, {group}: {'nothing to score' if value is None else f'{value:.3f}'} under {floor}")
    return low


def show(form: str, scores: Scores, floors: dict[str, dict[str, float]]) -> None:
    """Prints the table of one form; the floor stands in brackets, a star where it is not held."""
    figures = scores.figures()
    print(f"\nOwn samples, {FORMS[form]}")
    print(f"{'':28}" + "".join(f"{column:>16}" for column in COLUMNS))
    for name in FIGURES:
        cells = []
        for column in COLUMNS:
            value, floor = figures.get((name, column)), floors.get(name, {}).get(column)
            shown = "-" if value is None else f"{value:.3f}"
            if floor is not None:
                shown += f" ({floor:.2f})" + ("*" if value is None or value < floor else " ")
            cells.append(f"{shown:>16}")
        print(f"{WORDS.get(name, name):28}" + "".join(cells))


def show_threads() -> list[str]:
    """Prints how well threads join reports of one development; gives the figures that are under their floor."""
    floors: dict[str, float] = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["threads"]
    engine = build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), ())
    figures = score_threads(engine, read_reports()).figures
    print("\nOwn reports, threads")
    for name, value in figures.items():
        print(f"{name:44}{value:>8.3f} ({floors[name]:.3f})" + ("" if value >= floors[name] else "*"))
    return [
        f"threads: {name}: {figures[name]:.3f} under {floors[name]}" for name in floors if figures[name] < floors[name]
    ]


def run_evaluation() -> tuple[int, list[str]]:
    """Lets the evaluation beside the project call the product as it is bundled; shows its figures and their goals.

    Gives the exit status (2 where the product failed) and the figures that are under their floor, in words.
    """
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))["evaluation"]
    script = PROJECT / settings["folder"] / "run.py"
    if not script.is_file():
        print("No evaluation beside the project: own samples only.")
        return 0, []
    with tempfile.TemporaryDirectory() as room:
        environment = os.environ | {
            "CEASEWIRE": f"{Path(sys.executable).with_name('ceasewire')}",
            "CEASEWIRE_CONFIG": f"{room}/config",
            "CEASEWIRE_DATA": f"{room}/data",
        }
        command = [sys.executable, str(script), "--out", room]
        done = subprocess.run(command, env=environment, check=False, stdout=subprocess.PIPE, text=True)
    print("Evaluation beside the project, each figure with its goal\n" + done.stdout, flush=True)
    figures = {name: float(value) for name, value in LINE.findall(done.stdout)}
    low = [
        f"evaluation: {name}: {figures.get(name, 'nothing to score')} under {floor}"
        for name, floor in settings["floors"].items()
        if figures.get(name, -1) < floor
    ]
    return (2 if done.returncode not in (0, 1) else 0), low


def main() -> int:
    """Prints all and gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--each", action="store_true", help="list every miss: sample, figure, + said wrongly, - missing"
    )
    parser.add_argument("--own", action="store_true", help="own samples only")
    arguments = parser.parse_args()
    status, low = (0, []) if arguments.own else run_evaluation()
    floors = read_floors()
    for form, scores in score_samples().items():
        show(form, scores, floors[form])
        low += [f"{form}: {one}" for one in under(scores, floors[form])]
        if arguments.each:
            print(f"\n{len(scores.misses)} misses, {FORMS[form]}")
            print("\n".join(scores.misses))
    low += show_threads()
    print("\n" + ("Under the floor:\n" + "\n".join(low) if low else "All floors are held."))
    return max(status, 1 if low else 0)


if __name__ == "__main__":
    sys.exit(main())
