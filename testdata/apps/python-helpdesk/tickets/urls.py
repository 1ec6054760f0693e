from django.conf.urls import url

from tickets import views

urlpatterns = [
    url(r'^$', views.ticket_list, name='ticket-list'),
    url(r'^new$', views.ticket_create, name='ticket-create'),
]
