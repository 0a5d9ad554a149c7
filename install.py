"""Makes .venv and installs Ceasewire into it: `python3 install.py run` (to use it) or `dev` (to test it too).

Written for any Python, so that an old one is told in one line what is wrong.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(HERE, ".venv")
BIN = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")


def stop(text):
    """Ends with one line that says what to do."""
    sys.stderr.write(text + "\n")
    sys.exit(1)


def call(words, trouble):
    """Runs a command quietly; where it fails, its last line follows our own words."""
    done = subprocess.Popen(words, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.communicate()[0].decode("utf-8", "replace")
    if done.returncode:
        lines = [line.strip() for line in said.splitlines() if line.strip().startswith("ERROR")]
        stop(trouble(said) + (" (" + lines[0][:200] + ")" if lines else ""))


def venv_trouble(said):
    """Why no environment could be made."""
    if "ensurepip" in said or "No module named venv" in said:
        return "This Python makes no virtual environments. Debian, Ubuntu: apt-get install python3-venv; then try again"
    return "No virtual environment could be made in .venv: " + (said.strip().splitlines() or ["no reason given"])[-1]


def pip_trouble(said):
    """Why the packages could not be installed."""
    signs = ("Connection", "Name or service not known", "ProxyError", "No matching distribution", "timed out")
    if any(sign in said for sign in signs):
        return "No package index could be reached. Check the network or the proxy (HTTPS_PROXY), then run it again"
    return "The packages could not be installed; to see all: .venv/bin/pip install -r constraints/run.txt"


def works(python):
    """Whether an environment made earlier can still be used (its Python may have been removed)."""
    if not os.path.exists(python):
        return False
    with open(os.devnull, "w") as nothing:
        return subprocess.call([python, "-m", "pip", "--version"], stdout=nothing, stderr=nothing) == 0


def main(kind):
    """Makes the environment of the kind, or leaves it as it is where nothing changed."""
    if sys.version_info < (3, 11):
        stop("Ceasewire needs Python 3.11 or newer; this is %d.%d" % sys.version_info[:2])
    lock = os.path.join("constraints", kind + ".txt")
    sys.stderr.write("Making .venv (%s, about half a minute the first time) ...\n" % kind)
    python = os.path.join(BIN, "python")
    if not works(python):
        call([sys.executable, "-m", "venv", "--clear", VENV], venv_trouble)
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-input", "--retries", "2"]
    call(pip + ["--require-hashes", "-r", lock], pip_trouble)
    call(pip + ["--no-deps", "--no-build-isolation", "--no-index", "-e", "."], pip_trouble)
    for done in ("run", "dev") if kind == "dev" else ("run",):
        with open(os.path.join(VENV, done), "w") as stamp:
            stamp.write(lock + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("run", "dev"):
        stop("usage: python3 install.py run|dev")
    main(sys.argv[1])
