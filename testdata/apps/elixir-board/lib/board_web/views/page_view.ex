defmodule BoardWeb.PageView do
  use Phoenix.View, root: "lib/board_web/templates", namespace: BoardWeb
end

defmodule BoardWeb.ErrorView do
  use Phoenix.View, root: "lib/board_web/templates", namespace: BoardWeb

  def template_not_found(_template, _assigns), do: "Internal server error"
end
