"""Serves a model by the functions that SageMaker calls. Made by drydock; edits are kept when it is made again.

    python inference.py FILE [DIRECTORY]

FILE has model_fn and, as far as it needs them, input_fn, predict_fn, output_fn or transform_fn. The model lies in SM_MODEL_DIR or
/opt/ml/model, where the platform puts it; in DIRECTORY when there is none. It listens on $PORT (8080):

    GET /ping           200 once the model is loaded
    POST /invocations   the answer to one question
"""
import importlib
import io
import json
import os
import signal
import sys
import threading
import traceback

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from socketserver import ThreadingMixIn
except ImportError:  # Python 2
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
    from SocketServer import ThreadingMixIn

class Unsupported(Exception):
    """A content type that nothing here reads or writes."""

def read_input(body, content_type):
    if content_type in ('application/json', 'application/x-json'):
        data = json.loads(body.decode('utf-8'))
        return data.get('instances', data) if isinstance(data, dict) else data
    if content_type == 'text/csv':
        return [[float(x) for x in line.split(',')] for line in body.decode('utf-8').splitlines() if line.strip()]
    if content_type == 'application/x-npy':
        import numpy
        return numpy.load(io.BytesIO(body), allow_pickle=False)
    raise Unsupported(content_type)

def predict(data, model):
    return model.predict(data) if hasattr(model, 'predict') else model(data)

def write_output(prediction, accept):
    if hasattr(prediction, 'tolist'):
        prediction = prediction.tolist()
    if accept == 'text/csv':
        rows = prediction if prediction and isinstance(prediction[0], (list, tuple)) else [[x] for x in prediction]
        return '\n'.join(','.join(str(x) for x in row) for row in rows), accept
    return json.dumps(prediction), 'application/json'

def model_directory(own):
    for place in (os.environ.get('SM_MODEL_DIR'), '/opt/ml/model'):
        if place and os.path.isdir(place) and os.listdir(place):
            return place
    return own or '/opt/ml/model'

class Model(object):
    """The loaded model with the functions of its module, and the defaults for those that it leaves out."""

    def __init__(self, name, directory):
        self.module = importlib.import_module(os.path.splitext(os.path.basename(name))[0])
        self.transform = getattr(self.module, 'transform_fn', None)
        self.input = getattr(self.module, 'input_fn', read_input)
        self.predict = getattr(self.module, 'predict_fn', predict)
        self.output = getattr(self.module, 'output_fn', write_output)
        self.model = self.module.model_fn(directory)

    def ask(self, body, content_type, accept):
        """The answer and its content type. ValueError and Unsupported are said of the question."""
        if self.transform is not None:
            return self.pair(self.transform(self.model, body, content_type, accept), accept)
        try:
            data = self.input(body, content_type)
        except Unsupported:
            raise
        except Exception as error:
            raise ValueError('%s: %s' % (type(error).__name__, error))
        return self.pair(self.output(self.predict(data, self.model), accept), accept)

    def pair(self, answer, accept):
        return answer if isinstance(answer, tuple) else (answer, accept)

class Server(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    model = None
    lock = threading.Lock()

    def log_message(self, *args):
        pass

    def answer(self, status, body, content_type='application/json'):
        if not isinstance(body, bytes):
            body = (body if isinstance(body, str) else json.dumps(body)).encode('utf-8')
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == '/ping':
            return self.answer(200, {'model': 'loaded'})
        return self.answer(404, {'error': 'GET /ping or POST /invocations'})

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        if self.path != '/invocations':
            return self.answer(404, {'error': 'GET /ping or POST /invocations'})
        content_type = (self.headers.get('Content-Type') or 'application/json').split(';')[0].strip()
        accept = self.headers.get('Accept') or 'application/json'
        if '*/*' in accept or ',' in accept:
            accept = 'application/json'
        try:
            with Server.lock:  # models are seldom made for several threads
                text, kind = Server.model.ask(body, content_type, accept)
        except Unsupported as error:
            return self.answer(415, {'error': 'content type %s' % error})
        except ValueError as error:
            return self.answer(400, {'error': str(error)})
        except Exception as error:
            traceback.print_exc()
            return self.answer(500, {'error': '%s: %s' % (type(error).__name__, error)})
        return self.answer(200, text, kind)

class Threads(ThreadingMixIn, HTTPServer):
    daemon_threads = True  # /ping is answered while a question is

def main(name, own=''):
    sys.path[:1] = [os.path.abspath(os.path.dirname(name)), os.getcwd()]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    place = model_directory(own)
    Server.model = Model(name, place)
    port = int(os.environ.get('PORT', '8080'))
    print('%s with the model of %s is asked on port %d' % (name, place, port))
    sys.stdout.flush()
    Threads(('0.0.0.0', port), Server).serve_forever()

if __name__ == '__main__':
    main(*sys.argv[1:])
