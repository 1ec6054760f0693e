"""Removes links that nobody has followed for a month, once an hour."""
import logging
import time

from links import store

logging.basicConfig(level=logging.INFO)

if __name__ == '__main__':
    while True:
        logging.info('%d links removed', store.expire(30 * 24 * 3600))
        time.sleep(3600)
