class HomeController < ApplicationController
  def index
    @categories = Category.order(:position)
    @newest = Product.includes(:category).order(created_at: :desc).limit(5)
  end
end
