module ApplicationHelper
  def price(cents)
    number_to_currency(cents / 100.0, unit: "\u20AC", format: '%n %u')
  end
end
