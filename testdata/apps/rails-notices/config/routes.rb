Rails.application.routes.draw do
  root 'notices#index'
end
