# May be run again at any time.
bread, cheese, vegetables = ['Bread', 'Cheese', 'Vegetables'].each_with_index.map do |name, position|
  Category.create_with(position: position).find_or_create_by!(name: name)
end

[
  [bread,      'Rye loaf',        420, 12, 'One kilo, baked every morning.'],
  [bread,      'Poppy seed roll',  80, 60, nil],
  [cheese,     'Mountain cheese', 590,  8, 'Ripened for a year.'],
  [vegetables, 'Beetroot',        190, 25, 'From the field behind the house.']
].each do |category, name, cents, stock, description|
  Product.create_with(category: category, price_cents: cents, stock: stock, description: description)
         .find_or_create_by!(name: name)
end
