require 'test_helper'

class ConfirmOrderJobTest < ActiveJob::TestCase
  test 'takes the goods off the stock' do
    ConfirmOrderJob.perform_now(orders(:small))
    assert_equal 1, products(:loaf).reload.stock
    assert_equal 'confirmed', orders(:small).reload.status
  end

  test 'sells no more than there is' do
    ConfirmOrderJob.perform_now(orders(:large))
    assert_equal 2, products(:loaf).reload.stock
    assert_equal 'sold_out', orders(:large).reload.status
  end
end
