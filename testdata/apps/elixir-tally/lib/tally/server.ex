defmodule Tally.Server do
  @moduledoc "A small HTTP server: GET /hit/PAGE counts, GET / lists, GET /health tells that it works."
  use Task, restart: :permanent

  def start_link(port), do: Task.start_link(__MODULE__, :serve, [port])

  def serve(port) do
    {:ok, socket} = :gen_tcp.listen(port, [:binary, packet: :http_bin, active: false, reuseaddr: true])
    accept(socket)
  end

  defp accept(socket) do
    {:ok, client} = :gen_tcp.accept(socket)
    spawn(fn -> answer(client) end)
    accept(socket)
  end

  defp answer(client) do
    with {:ok, {:http_request, :GET, {:abs_path, path}, _}} <- :gen_tcp.recv(client, 0, 5_000) do
      {status, body} = page(path)

      :gen_tcp.send(client, [
        "HTTP/1.0 #{status}\r\ncontent-type: text/plain\r\n",
        "content-length: #{byte_size(body)}\r\n\r\n",
        body
      ])
    end

    :gen_tcp.close(client)
  end

  defp page("/"), do: {"200 OK", Enum.map_join(Tally.Counter.all(), fn {page, n} -> "#{page}: #{n}\n" end)}
  defp page("/health"), do: {"200 OK", "ok\n"}
  defp page("/hit/" <> page), do: {"200 OK", "#{Tally.Counter.hit(page)}\n"}
  defp page(_), do: {"404 Not Found", "not found\n"}
end
