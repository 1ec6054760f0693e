require 'test_helper'

class ProductTest < ActiveSupport::TestCase
  test 'price is kept in cents' do
    assert_equal 1999, Product.new(price: '19.99').price_cents
  end

  test 'a price that is none is refused' do
    assert_not Product.new(price: 'cheap').valid?
  end
end
