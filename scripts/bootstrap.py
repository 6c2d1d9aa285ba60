"""Make `.venv` ready: the environment, the locked packages, this checkout. Quick when nothing changed.

    python3 scripts/bootstrap.py run      what the command needs
    python3 scripts/bootstrap.py dev      the same, and what tests and checks need

Runs before anything is installed, so: standard library only, and a syntax that old interpreters still read, because
they should get to the message that says which Python is wanted.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMPS = os.path.join(VENV, "partfit-stamps")
OLDEST = (3, 11)
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


def venv_python():
    """Path of the environment's interpreter, there or not."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(VENV, folder, name)


def stop(message):
    """End with a message that says what to do."""
    sys.stderr.write("\n" + message.rstrip() + "\n\n")
    sys.exit(1)


def check_interpreter():
    """Stop unless this interpreter is new enough and can make environments."""
    if sys.version_info[:2] < OLDEST:
        stop(
            f"PartFit needs Python {OLDEST[0]}.{OLDEST[1]} or newer; {sys.executable} is {sys.version.split()[0]}.\n"
            "Name a newer one:  make demo PYTHON=python3.12"
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop(
            "This Python cannot make virtual environments: its 'venv' module is not installed.\n"
            "On Debian and Ubuntu:  apt-get install python3-venv     then run the same command again."
        )


def works(python):
    """True if the environment's interpreter starts, is new enough and has pip."""
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
    try:
        return subprocess.call([python, "-c", probe], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_environment():
    """Create `.venv`, or again if its interpreter is gone (a copied or moved checkout, an upgraded Python)."""
    if works(venv_python()):
        return
    print(f"Creating .venv with Python {sys.version.split()[0]} ...", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    run([sys.executable, "-m", "venv", VENV], "The environment could not be created.")


def run(command, failed):
    """Run a command in the checkout; stop with `failed` if it does not succeed."""
    if subprocess.call(command, cwd=ROOT) != 0:
        stop(f"{failed}\nThe command was: {' '.join(command)}")


def pip(*arguments):
    """pip of the environment, quiet, with its own newer-version notice off."""
    command = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run(command + list(arguments), "Installing failed. The lines above say why; running again continues.")


def digest(*names):
    """One hash over the content of files of the checkout."""
    total = hashlib.sha256()
    for name in names:
        with open(os.path.join(ROOT, name), "rb") as file:
            total.update(file.read())
    return total.hexdigest()


def fresh(name, value):
    """True if the stamp `name` says `value`."""
    try:
        with open(os.path.join(STAMPS, name)) as file:
            return file.read() == value
    except OSError:
        return False


def stamp(name, value):
    """Note that `name` was installed as `value`."""
    os.makedirs(STAMPS, exist_ok=True)
    with open(os.path.join(STAMPS, name), "w") as file:
        file.write(value)


def install_locked(kind):
    """Install the locked packages of `kind`, checked against their hashes, unless that was done already."""
    value = digest(LOCKS[kind])
    if fresh(kind, value):
        return
    print(f"Installing the packages of {LOCKS[kind]} (the first time takes a minute) ...", flush=True)
    pip("--require-hashes", "-r", LOCKS[kind])
    stamp(kind, value)
    if kind == "dev":  # the dev lock holds every package of the other, at the same versions
        stamp("run", digest(LOCKS["run"]))


def install_checkout():
    """Install this checkout itself, editable, so that `.venv/bin/partfit` runs it; again if pyproject.toml changed."""
    value = digest("pyproject.toml")
    if fresh("checkout", value):
        return
    pip("--no-deps", "--no-build-isolation", "--editable", ".")
    stamp("checkout", value)


def main(arguments):
    """`arguments` is the kind, `run` or `dev`."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        stop("usage: python3 scripts/bootstrap.py run|dev")
    check_interpreter()
    make_environment()
    install_locked(arguments[0])
    install_checkout()


if __name__ == "__main__":
    main(sys.argv[1:])
