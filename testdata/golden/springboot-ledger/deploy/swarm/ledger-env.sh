#!/bin/sh
# Gives ledger the values that hold secrets, and becomes its command.
set -eu
export DB_PASSWORD="$(cat /run/secrets/MYSQL_PASSWORD)"
exec "$@"
