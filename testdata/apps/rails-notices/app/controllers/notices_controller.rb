class NoticesController < ActionController::Base
  def index
    @notices = Notice.order(created_at: :desc).limit(20)
  end
end
