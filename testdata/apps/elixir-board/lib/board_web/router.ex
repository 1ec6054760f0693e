defmodule BoardWeb.Router do
  use Phoenix.Router

  pipeline :browser do
    plug :accepts, ["html"]
    plug :fetch_session
    plug :protect_from_forgery
  end

  scope "/", BoardWeb do
    pipe_through :browser

    get "/", PageController, :index
    post "/notices", PageController, :create
  end
end
