threads_count = Integer(ENV['RAILS_MAX_THREADS'] || 5)
threads threads_count, threads_count

port        ENV['PORT'] || 3000
environment ENV['RAILS_ENV'] || 'development'
pidfile     ENV['PIDFILE'] || 'tmp/pids/server.pid'

workers Integer(ENV['WEB_CONCURRENCY'] || 0)
preload_app!

on_worker_boot do
  ActiveRecord::Base.establish_connection if defined?(ActiveRecord)
end

plugin :tmp_restart
