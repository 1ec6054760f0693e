json.array! @products do |product|
  json.extract! product, :id, :name, :price_cents, :stock
  json.category product.category.name
  json.url product_url(product)
end
