defmodule Tally.Counter do
  @moduledoc "Counts visitors and keeps the numbers in a file."
  use GenServer

  def start_link(file), do: GenServer.start_link(__MODULE__, file, name: __MODULE__)

  def hit(page), do: GenServer.call(__MODULE__, {:hit, page})

  def all, do: GenServer.call(__MODULE__, :all)

  @impl true
  def init(file) do
    File.mkdir_p!(Path.dirname(file))
    {:ok, {file, load(file)}}
  end

  @impl true
  def handle_call({:hit, page}, _from, {file, counts}) do
    counts = Map.update(counts, page, 1, &(&1 + 1))
    File.write!(file, Enum.map(counts, fn {page, n} -> "#{n} #{page}\n" end))
    {:reply, counts[page], {file, counts}}
  end

  def handle_call(:all, _from, {_, counts} = state), do: {:reply, counts, state}

  defp load(file) do
    case File.read(file) do
      {:ok, text} ->
        for line <- String.split(text, "\n", trim: true), into: %{} do
          [n, page] = String.split(line, " ", parts: 2)
          {page, String.to_integer(n)}
        end

      {:error, :enoent} ->
        %{}
    end
  end
end
