Rails.application.routes.draw do
  resources :products do
    resources :orders, only: [:create]
  end
  resources :orders, only: [:show]

  root 'home#index'
end
