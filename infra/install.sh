#!/bin/sh
# Bring the virtual environment $1 to what the lock file $2 pins; do nothing when it is there already.
set -eu
venv=$1 lock=$2
python=$venv/bin/python
say() { echo "tasktrail: $*" >&2; }

stamp() { cat "$1" pyproject.toml | cksum | cut -d' ' -f1; }
wanted=$(stamp "$lock")
# The development lock holds everything the other does, so it satisfies both.
dev=$(stamp requirements-dev.lock)
done_already() {
	have=$(cat "$venv/lock-stamp" 2>/dev/null || echo none)
	{ [ "$have" = "$wanted" ] || [ "$have" = "$dev" ]; } && [ -x "$python" ]
}
done_already && exit 0

[ -n "${PYTHON:-}" ] || { say "no Python 3.11 or newer found; set PYTHON=/path/to/python"; exit 1; }
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
	{ say "$PYTHON is not Python 3.11 or newer; set PYTHON=/path/to/python"; exit 1; }
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || {
	package=$("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
	say "$PYTHON cannot make virtual environments; install the package $package"
	exit 1
}

# One at a time: the lock is held as long as this shell has the file open, however it ends.
exec 9<pyproject.toml
"$PYTHON" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
done_already && exit 0

say "installing $lock into $venv"
# Without a stamp an earlier attempt stopped half-way, and pip takes half a package for a whole one.
{ [ -f "$venv/lock-stamp" ] && "$python" -m pip --version >/dev/null 2>&1; } ||
	"$PYTHON" -m venv --clear "$venv"
rm -f "$venv/lock-stamp"
pip() { "$python" -m pip install -q --no-input --disable-pip-version-check "$@"; }
pip --only-binary :all: --require-hashes -r "$lock"
pip --no-build-isolation --no-deps -e .
echo "$wanted" >"$venv/lock-stamp"
