defmodule BoardWeb.Endpoint do
  use Phoenix.Endpoint, otp_app: :board

  plug Plug.Static,
    at: "/", from: :board, gzip: false,
    only: ~w(css js favicon.ico robots.txt)

  plug Plug.RequestId
  plug Plug.Logger

  plug Plug.Parsers,
    parsers: [:urlencoded, :multipart, :json],
    pass: ["*/*"],
    json_decoder: Poison

  plug Plug.Session,
    store: :cookie,
    key: "_board_key",
    signing_salt: "kS3bM0pQ"

  plug BoardWeb.Router

  def init(_key, config) do
    if config[:load_from_system_env] do
      port = System.get_env("PORT") || raise "expected the PORT environment variable to be set"
      {:ok, Keyword.put(config, :http, [:inet6, port: port])}
    else
      {:ok, config}
    end
  end
end
