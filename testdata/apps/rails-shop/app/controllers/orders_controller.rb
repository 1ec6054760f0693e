class OrdersController < ApplicationController
  def create
    @product = Product.find(params[:product_id])
    @order = @product.orders.new(order_params)
    if @order.save
      ConfirmOrderJob.perform_later(@order)
      redirect_to @order
    else
      render 'products/show'
    end
  end

  def show
    @order = Order.includes(:product).find_by!(token: params[:id])
  end

  private

  def order_params
    params.require(:order).permit(:email, :quantity)
  end
end
