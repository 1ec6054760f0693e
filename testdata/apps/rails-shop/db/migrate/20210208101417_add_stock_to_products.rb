class AddStockToProducts < ActiveRecord::Migration[6.1]
  def up
    add_column :products, :stock, :integer, null: false, default: 0
    execute 'UPDATE products SET stock = 10'
  end

  def down
    remove_column :products, :stock
  end
end
