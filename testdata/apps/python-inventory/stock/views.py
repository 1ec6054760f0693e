from django.shortcuts import render

from stock.models import Item


def shelves(request):
    return render(request, 'shelves.html', {'items': Item.objects.order_by('shelf')})
