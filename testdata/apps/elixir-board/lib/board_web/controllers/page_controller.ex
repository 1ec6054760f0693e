defmodule BoardWeb.PageController do
  use Phoenix.Controller, namespace: BoardWeb
  import Ecto.Query

  def index(conn, _params) do
    notices = Board.Repo.all(from n in "notices", order_by: [desc: n.id], limit: 30, select: %{text: n.text})
    render conn, "index.html", notices: notices
  end

  def create(conn, %{"text" => text}) do
    Board.Repo.insert_all("notices", [%{text: text}])
    redirect conn, to: "/"
  end
end
