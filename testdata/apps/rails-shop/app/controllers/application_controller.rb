class ApplicationController < ActionController::Base
  rescue_from ActiveRecord::RecordNotFound do
    render file: Rails.root.join('public', '404.html'), layout: false, status: :not_found
  end
end
