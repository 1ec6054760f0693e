# Takes the goods off the stock.
class ConfirmOrderJob < ApplicationJob
  queue_as :default

  def perform(order)
    order.product.with_lock do
      if order.product.stock >= order.quantity
        order.product.decrement!(:stock, order.quantity)
        order.update!(status: 'confirmed')
      else
        order.update!(status: 'sold_out')
      end
    end
  end
end
