# shellcheck shell=bash
# Everything, for the scripts that start engines and make images.
for part in common install ask registry base newer daemon beside table build; do
  # shellcheck source=/dev/null
  . "$ENGINE_HOME/lib/$part.sh"
done
