# Shared by the scripts in this folder and by .ci/run: sourced, never run.

die() {
  echo "error: $*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

# The seconds since the script began, before what it does next.
step() {
  printf '==> [%3ds] %s\n' "$SECONDS" "$*"
}
