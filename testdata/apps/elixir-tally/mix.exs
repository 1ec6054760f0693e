defmodule Tally.MixProject do
  use Mix.Project

  def project do
    [
      app: :tally,
      version: "0.3.0",
      elixir: "~> 1.10",
      start_permanent: Mix.env() == :prod,
      deps: [],
      releases: [
        tally: [include_executables_for: [:unix]]
      ]
    ]
  end

  def application do
    [
      mod: {Tally.Application, []},
      extra_applications: [:logger]
    ]
  end
end
