class CreateOrders < ActiveRecord::Migration[6.0]
  def change
    create_table :orders do |t|
      t.references :product, null: false, foreign_key: true
      t.string :token, null: false
      t.string :email, null: false
      t.integer :quantity, null: false, default: 1
      t.string :status, null: false, default: 'placed'

      t.timestamps
    end
    add_index :orders, :token, unique: true
  end
end
