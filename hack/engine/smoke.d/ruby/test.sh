# shellcheck shell=bash disable=SC2034  # read by smoke
PULL="ruby:3.1-slim"
EXPECT="rack on ruby 3.1"
run() { start_app 3000; }
