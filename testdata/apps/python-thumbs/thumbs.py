"""Thumbnails of what is uploaded: S3 calls handler for each new object."""
import io
import logging
import os
from urllib.parse import unquote_plus

import boto3
from PIL import Image

WIDTH = int(os.environ.get('THUMB_WIDTH', '320'))
BUCKET = os.environ['THUMBS_BUCKET']

log = logging.getLogger()
log.setLevel(logging.INFO)


def shrink(data, width=WIDTH):
    picture = Image.open(io.BytesIO(data)).convert('RGB')
    picture.thumbnail((width, width * 4))
    out = io.BytesIO()
    picture.save(out, 'JPEG', quality=80)
    return out.getvalue()


def handler(event, context):
    s3 = boto3.client('s3')
    made = []
    for record in event['Records']:
        bucket = record['s3']['bucket']['name']
        key = unquote_plus(record['s3']['object']['key'])
        log.info('%s: shrink s3://%s/%s', context.aws_request_id, bucket, key)
        body = s3.get_object(Bucket=bucket, Key=key)['Body'].read()
        s3.put_object(Bucket=BUCKET, Key=key + '.jpg', Body=shrink(body), ContentType='image/jpeg')
        made.append(key + '.jpg')
    return {'made': made}
