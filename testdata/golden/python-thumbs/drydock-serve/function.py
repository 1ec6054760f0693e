"""Hands events to a handler that was written for AWS Lambda. Made by drydock; edits are kept when it is made again.

    python function.py MODULE.FUNCTION [http]

On Lambda, where AWS_LAMBDA_RUNTIME_API is set, the platform's own client takes over. Elsewhere this listens on $PORT (8080):

    POST /2015-03-31/functions/function/invocations   the body is the event, as with Lambda's own emulator
    POST /init, POST /run                             OpenWhisk's interface for containers
    GET /_/health                                     200
    POST to another path                              the body is the event; with "http" every request becomes API Gateway's event

One event at a time, as on the platforms.
"""
import base64
import importlib
import json
import os
import signal
import sys
import time
import traceback
import uuid

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from urllib.parse import parse_qsl, urlsplit
except ImportError:  # Python 2
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
    from urlparse import parse_qsl, urlsplit

SECONDS = float(os.environ.get('FUNCTION_TIMEOUT', '900'))

class Context(object):
    """What a handler is told about its call: the attributes of Lambda's context."""

    function_name = os.environ.get('AWS_LAMBDA_FUNCTION_NAME', 'function')
    function_version = '$LATEST'
    invoked_function_arn = 'arn:aws:lambda:us-east-1:000000000000:function:' + function_name
    memory_limit_in_mb = os.environ.get('AWS_LAMBDA_FUNCTION_MEMORY_SIZE', '1024')
    log_group_name = '/aws/lambda/' + function_name
    log_stream_name = 'container'
    identity = None
    client_context = None

    def __init__(self, request_id=None):
        self.aws_request_id = request_id or str(uuid.uuid4())
        self.end = time.time() + SECONDS

    def get_remaining_time_in_millis(self):
        return max(0, int((self.end - time.time()) * 1000))

def load(name):
    module, _, function = name.rpartition('.')
    return getattr(importlib.import_module(module.replace('/', '.')), function)

def failure(error):
    return {'errorMessage': str(error), 'errorType': type(error).__name__, 'stackTrace': traceback.format_exc().splitlines()}

def gateway_event(method, target, headers, body):
    """A request as API Gateway hands it over, in both of its formats at once."""
    url = urlsplit(target)
    query = dict(parse_qsl(url.query, True))
    try:
        text, encoded = body.decode('utf-8'), False
    except UnicodeDecodeError:
        text, encoded = base64.b64encode(body).decode('ascii'), True
    http = {'method': method, 'path': url.path, 'protocol': 'HTTP/1.1', 'sourceIp': '127.0.0.1', 'userAgent': headers.get('user-agent', '')}
    return {
        'resource': '/{proxy+}', 'path': url.path, 'httpMethod': method, 'headers': headers, 'queryStringParameters': query or None,
        'pathParameters': {'proxy': url.path.lstrip('/')}, 'body': text or None, 'isBase64Encoded': encoded,
        'routeKey': '$default', 'rawPath': url.path, 'rawQueryString': url.query,
        'requestContext': {'stage': '$default', 'requestId': str(uuid.uuid4()), 'httpMethod': method, 'path': url.path, 'http': http},
    }

class Server(BaseHTTPRequestHandler):
    """One handler behind the interfaces of several platforms."""

    protocol_version = 'HTTP/1.1'
    handler = None
    http = False

    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=None):
        data = body if isinstance(body, bytes) else json.dumps(body, default=str).encode('utf-8')
        self.send_response(status)
        for name, value in (headers or {'Content-Type': 'application/json'}).items():
            self.send_header(name, str(value))
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(data)

    def invoke(self, event, request_id=None):
        """The handler's result and None, or None and what went wrong."""
        try:
            return Server.handler(event, Context(request_id)), None
        except Exception as error:  # whatever it is, the caller is told and the next event is served
            traceback.print_exc()
            return None, failure(error)

    def body(self):
        return self.rfile.read(int(self.headers.get('Content-Length') or 0))

    def serve(self):
        body = self.body()
        if self.path == '/_/health':
            return self.answer(200, {'ok': True})
        if self.command == 'POST' and self.path in ('/init', '/run'):
            return self.whisk(body)
        if self.command == 'POST' and (self.path.startswith('/2015-03-31/functions/') or not Server.http):
            return self.event(body)
        if Server.http:
            return self.page(body)
        return self.answer(404, {'message': 'POST an event'})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = serve

    def event(self, body):
        try:
            event = json.loads(body.decode('utf-8') or '{}')
        except ValueError as error:
            return self.answer(400, {'message': 'the event is no JSON: %s' % error})
        result, wrong = self.invoke(event)
        if wrong is None:
            return self.answer(200, result)
        status = 200 if self.path.startswith('/2015-03-31/') else 500
        return self.answer(status, wrong, {'Content-Type': 'application/json', 'X-Amz-Function-Error': 'Unhandled'})

    def page(self, body):
        headers = dict((name.lower(), value) for name, value in self.headers.items())
        result, wrong = self.invoke(gateway_event(self.command, self.path, headers, body))
        if wrong is not None:
            return self.answer(502, {'message': 'Internal server error'})
        if not isinstance(result, dict) or 'statusCode' not in result:
            return self.answer(200, result)
        text = result.get('body') or ''
        if result.get('isBase64Encoded'):
            data = base64.b64decode(text)
        else:
            data = (text if isinstance(text, str) else json.dumps(text)).encode('utf-8')
        return self.answer(int(result['statusCode']), data, result.get('headers') or {'Content-Type': 'application/json'})

    def whisk(self, body):
        message = json.loads(body.decode('utf-8') or '{}')
        value = message.get('value') or {}
        if self.path == '/init':
            for name, text in (value.get('env') or {}).items():
                os.environ[name] = str(text)
            return self.answer(200, {'ok': True})
        result, wrong = self.invoke(value, message.get('activation_id'))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            stream.write('XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX\n')
            stream.flush()
        if wrong is not None:
            return self.answer(502, {'error': wrong['errorMessage']})
        return self.answer(200, result if isinstance(result, dict) else {'result': result})

def main(name, *kinds):
    if os.environ.get('AWS_LAMBDA_RUNTIME_API'):
        os.execv(sys.executable, [sys.executable, '-m', 'awslambdaric', name])
    sys.path[:1] = [os.getcwd()]
    Server.handler = staticmethod(load(name))
    Server.http = 'http' in kinds
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    port = int(os.environ.get('PORT', '8080'))
    print('%s is called on port %d' % (name, port))
    sys.stdout.flush()
    HTTPServer(('0.0.0.0', port), Server).serve_forever()

if __name__ == '__main__':
    main(*sys.argv[1:])
