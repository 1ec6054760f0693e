import os

from flask import Flask


def create_app():
    app = Flask(__name__)
    app.secret_key = os.environ.get('SECRET_KEY', 'development')
    from links import views
    app.register_blueprint(views.pages)
    return app
