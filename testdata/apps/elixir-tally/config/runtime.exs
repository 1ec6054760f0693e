import Config

config :tally,
  port: String.to_integer(System.get_env("PORT") || "4040"),
  token: System.get_env("TALLY_TOKEN"),
  file: System.get_env("TALLY_FILE", "data/tally.txt")
