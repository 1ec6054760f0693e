class Order < ApplicationRecord
  STATUSES = %w[placed confirmed sold_out].freeze

  belongs_to :product
  has_secure_token

  validates :email, format: { with: /\A[^@\s]+@[^@\s]+\z/ }
  validates :quantity, numericality: { only_integer: true, greater_than: 0 }
  validates :status, inclusion: { in: STATUSES }

  # Orders are found by what cannot be guessed.
  def to_param
    token
  end
end
