# What the shop opens with.
class AddOpeningAssortment < ActiveRecord::Migration[5.2]
  class Category < ActiveRecord::Base
  end

  class Product < ActiveRecord::Base
  end

  ASSORTMENT = {
    'Bread'      => { 'Rye loaf' => 420, 'Poppy seed roll' => 80 },
    'Cheese'     => { 'Mountain cheese' => 590 },
    'Vegetables' => { 'Beetroot' => 190 }
  }.freeze

  def up
    ASSORTMENT.each_with_index do |(name, products), position|
      category = Category.create!(name: name, position: position)
      products.each do |product, cents|
        Product.create!(category_id: category.id, name: product, price_cents: cents)
      end
    end
  end

  def down
    Product.where(name: ASSORTMENT.values.flat_map(&:keys)).delete_all
    Category.where(name: ASSORTMENT.keys).delete_all
  end
end
