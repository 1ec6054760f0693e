#!/bin/bash
# Deploys what lies in DEPLOY_DIR and runs the domain in the foreground.
set -e
for f in "$DEPLOY_DIR"/*; do
  [ -e "$f" ] || continue
  name=$(basename "$f")
  grep -qs -- "$f" "$POSTBOOT_COMMANDS" || echo "deploy --force=true --name=${name%.*} --contextroot=${name%.*} $f" >>"$POSTBOOT_COMMANDS"
done
touch "$PREBOOT_COMMANDS" "$POSTBOOT_COMMANDS"
output=$(asadmin --user=admin --passwordfile=/opt/payara/passwordFile start-domain --dry-run --prebootcommandfile="$PREBOOT_COMMANDS" --postbootcommandfile="$POSTBOOT_COMMANDS" "$@" domain1)
mapfile -t words < <(echo "$output" | sed -n '2,/^$/p' | sed '/^$/d')
export AS_ADMIN_MASTERPASSWORD=changeit
exec "${words[@]}" < <(echo AS_ADMIN_MASTERPASSWORD=changeit)
