use Mix.Config

config :board,
  ecto_repos: [Board.Repo]

config :board, BoardWeb.Endpoint,
  url: [host: "localhost"],
  render_errors: [view: BoardWeb.ErrorView, accepts: ~w(html json)],
  pubsub: [name: Board.PubSub, adapter: Phoenix.PubSub.PG2]

config :logger, :console,
  format: "$time $metadata[$level] $message\n",
  metadata: [:request_id]

import_config "#{Mix.env}.exs"
