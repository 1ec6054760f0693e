defmodule Tally.Application do
  use Application

  def start(_type, _args) do
    children = [
      {Tally.Counter, Application.fetch_env!(:tally, :file)},
      {Tally.Server, Application.fetch_env!(:tally, :port)}
    ]

    Supervisor.start_link(children, strategy: :rest_for_one, name: Tally.Supervisor)
  end
end
