from flask import Blueprint, abort, redirect, render_template, request

from links import store

pages = Blueprint('pages', __name__)


@pages.route('/')
def index():
    return render_template('index.html')


@pages.route('/health')
def health():
    store.client.ping()
    return 'ok\n'


@pages.route('/links', methods=['POST'])
def add():
    return render_template('index.html', key=store.add(request.form['url']))


@pages.route('/<key>')
def follow(key):
    url = store.follow(key)
    if not url:
        abort(404)
    return redirect(url)
