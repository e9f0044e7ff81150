"""Virtual environments whose packages are exactly those of a requirements file."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

# Tools of the environment itself.
OWN = {"pip", "setuptools"}

LIST_PACKAGES = """
import importlib.metadata, sysconfig
for package in importlib.metadata.distributions(path=[sysconfig.get_path("purelib")]):
    print(package.metadata["Name"], package.version)
"""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(requirements: Path) -> dict[str, str]:
    """The versions that a requirements file of NAME==VERSION lines asks for."""
    lines = [line.strip() for line in requirements.read_text().splitlines()]
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonical(name): version for name, version in pairs}


def installed(python: Path) -> dict[str, str]:
    """The versions in an environment's own folder; nothing if there is no such environment."""
    if not python.exists():
        return {}
    listing = subprocess.run([python, "-c", LIST_PACKAGES], capture_output=True, text=True)
    pairs = [line.split() for line in listing.stdout.splitlines()]
    return {canonical(name): version for name, version in pairs if canonical(name) not in OWN}


def make(directory: Path, requirements: Path, beside: Path | None) -> None:
    """Makes an environment anew.

    Args:
        beside: Python of an environment whose packages are importable too
    """
    print(f"Installing {requirements.stem} into {directory} ...", file=sys.stderr, flush=True)
    shutil.rmtree(directory, ignore_errors=True)
    venv.create(directory, with_pip=True)
    python = directory / "bin" / "python"
    # The files list every package that is needed, so that pip has nothing to choose.
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--requirement", requirements], check=True)
    if beside is not None:
        (site_packages(python) / "beside.pth").write_text(f"{site_packages(beside)}\n")


def site_packages(python: Path) -> Path:
    command = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())


def is_current(directory: Path, requirements: Path, beside: Path | None) -> bool:
    python = directory / "bin" / "python"
    if installed(python) != pins(requirements):
        return False
    link = site_packages(python) / "beside.pth"
    wanted = f"{site_packages(beside)}\n" if beside is not None else None
    return (link.read_text() if link.exists() else None) == wanted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("--beside", type=Path, help="Python of an environment to share")
    options = parser.parse_args()
    if not is_current(options.directory, options.requirements, options.beside):
        make(options.directory, options.requirements, options.beside)
        if not is_current(options.directory, options.requirements, options.beside):
            sys.exit(f"{options.directory} has not the packages of {options.requirements}: remove it.")


if __name__ == "__main__":
    main()
