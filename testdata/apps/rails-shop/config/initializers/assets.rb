# Change this to expire all assets.
Rails.application.config.assets.version = '1.0'
