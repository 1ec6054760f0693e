namespace :orders do
  desc 'Removes orders that were sold out more than a month ago'
  task cleanup: :environment do
    count = Order.where(status: 'sold_out').where('created_at < ?', 1.month.ago).delete_all
    puts "#{count} orders removed"
  end
end
