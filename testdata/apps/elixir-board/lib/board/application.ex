defmodule Board.Application do
  use Application

  def start(_type, _args) do
    import Supervisor.Spec

    children = [
      supervisor(Board.Repo, []),
      supervisor(BoardWeb.Endpoint, [])
    ]

    Supervisor.start_link(children, strategy: :one_for_one, name: Board.Supervisor)
  end
end
