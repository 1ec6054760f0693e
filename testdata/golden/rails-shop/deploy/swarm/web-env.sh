#!/bin/sh
# Gives web the values that hold secrets, and becomes its command.
set -eu
export DATABASE_URL=postgresql://app:"$(cat /run/secrets/POSTGRES_PASSWORD)"@db:5432/shop_production
export SECRET_KEY_BASE="$(cat /run/secrets/SECRET_KEY_BASE)"
exec "$@"
