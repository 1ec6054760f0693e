import os
import secrets
import time

import redis

client = redis.from_url(os.environ.get('REDIS_URL', 'redis://localhost:6379/0'), decode_responses=True)


def add(url):
    key = secrets.token_urlsafe(4)
    client.hset('links', key, url)
    client.zadd('followed', {key: time.time()})
    return key


def follow(key):
    url = client.hget('links', key)
    if url:
        client.zadd('followed', {key: time.time()})
    return url


def expire(seconds):
    keys = client.zrangebyscore('followed', 0, time.time() - seconds)
    for key in keys:
        client.hdel('links', key)
        client.zrem('followed', key)
    return len(keys)
