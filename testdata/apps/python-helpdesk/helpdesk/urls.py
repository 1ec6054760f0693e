from django.conf.urls import include, url
from django.contrib import admin

from tickets import views

urlpatterns = [
    url(r'^admin/', admin.site.urls),
    url(r'^healthz$', views.health),
    url(r'^', include('tickets.urls')),
]
