#!/bin/sh
# Gives web the values that hold secrets, and becomes its command.
set -eu
export DB_PASSWORD="$(cat /run/secrets/POSTGRES_PASSWORD)"
export SECRET_KEY="$(cat /run/secrets/SECRET_KEY)"
exec "$@"
