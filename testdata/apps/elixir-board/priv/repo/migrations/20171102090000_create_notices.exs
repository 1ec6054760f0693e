defmodule Board.Repo.Migrations.CreateNotices do
  use Ecto.Migration

  def change do
    create table(:notices) do
      add :text, :text, null: false
    end
  end
end
