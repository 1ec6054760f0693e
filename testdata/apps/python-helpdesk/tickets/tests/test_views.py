from django.test import TestCase


class ListTest(TestCase):
    def test_empty(self):
        self.assertContains(self.client.get('/'), 'None.')
