%% A module of OTP's own web server: answers every request with a proverb.
-module(proverbs_http).

-export([do/1]).

-include_lib("inets/include/httpd.hrl").

do(#mod{request_uri = "/health"}) ->
    answer(200, "ok\n");
do(#mod{request_uri = "/"}) ->
    Greeting = application:get_env(proverbs, greeting, "Proverb"),
    answer(200, [Greeting, ": ", proverb(), "\n"]);
do(_) ->
    answer(404, "not found\n").

answer(Code, Body) ->
    Text = lists:flatten(Body),
    {proceed, [{response, {response, [{code, Code}, {content_type, "text/plain"}, {content_length, integer_to_list(length(Text))}], Text}}]}.

proverb() ->
    {ok, Text} = file:read_file(filename:join(code:priv_dir(proverbs), "proverbs.txt")),
    Lines = string:tokens(binary_to_list(Text), "\n"),
    lists:nth(1 + erlang:system_time(second) div 3600 rem length(Lines), Lines).
