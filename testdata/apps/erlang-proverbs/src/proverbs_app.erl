-module(proverbs_app).
-behaviour(application).

-export([start/2, stop/1]).

start(_Type, _Args) ->
    {ok, Port} = application:get_env(proverbs, port),
    {ok, _} = inets:start(httpd, [
        {port, Port},
        {server_name, "proverbs"},
        {server_root, "/tmp"},
        {document_root, "/tmp"},
        {modules, [proverbs_http]}
    ]),
    proverbs_sup:start_link().

stop(_State) ->
    ok.
