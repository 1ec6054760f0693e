class Product < ApplicationRecord
  belongs_to :category
  has_many :orders, dependent: :destroy

  mount_uploader :picture, PictureUploader

  validates :name, presence: true, length: { maximum: 120 }
  validates :price_cents, numericality: { only_integer: true, greater_than_or_equal_to: 0 }
  validates :stock, numericality: { only_integer: true, greater_than_or_equal_to: 0 }

  def price
    price_cents && price_cents / 100.0
  end

  def price=(value)
    self.price_cents = value.present? ? (BigDecimal(value.to_s) * 100).round : nil
  rescue ArgumentError
    self.price_cents = nil
  end
end
