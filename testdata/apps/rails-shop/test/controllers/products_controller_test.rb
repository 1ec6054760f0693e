require 'test_helper'

class ProductsControllerTest < ActionDispatch::IntegrationTest
  test 'lists products' do
    get products_url
    assert_response :success
    assert_select 'td', 'Rye loaf'
  end

  test 'orders' do
    assert_enqueued_jobs 1 do
      post product_orders_url(products(:loaf)), params: { order: { email: 'bob@example.com', quantity: 1 } }
    end
    assert_redirected_to order_url(Order.find_by(email: 'bob@example.com'))
  end

  include ActiveJob::TestHelper
end
