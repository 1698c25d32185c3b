%%%-------------------------------------------------------------------
%%% File    : mod_foyer_http.erl
%%% Purpose : One POST to the bridge, over OTP's own HTTP client
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_http).

-export([start/2, stop/1, post/3, cancel/2, answer/1, explanation/1, retry_after/2, envelope/2,
         batch_id/1]).

-export_type([target/0, answer/0]).

-type target() :: #{profile := atom(), url := binary(), secrets := [mod_foyer_sign:sealed()],
                    timeout := pos_integer()}.
-type answer() :: {ok, Code :: pos_integer(), [{string(), string()}], Body :: binary()} |
                  {error, Text :: binary()}.

-define(VERSION, "0.1.0").
-define(CONNECT_TIMEOUT, 10000).
-define(MAX_RETRY_AFTER, 600).
-define(MAX_EXPLANATION, 200).
%% Debian's, Red Hat's and Alpine's bundles, for OTP before 25, which can't find them itself.
-define(CA_FILES, ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                   "/etc/ssl/cert.pem"]).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Starts (or sets up anew) the client profile of a host: its own connections, one at a time.
-spec start(atom(), binary()) -> ok.
start(Profile, Url) ->
    _ = application:ensure_all_started(inets),
    _ = application:ensure_all_started(ssl),
    _ = inets:start(httpc, [{profile, Profile}]),
    ok = httpc:set_options([{max_sessions, 1}, {max_keep_alive_length, 1},
                            {keep_alive_timeout, 120000}, {ipfamily, family(Url)}], Profile).

-spec stop(atom()) -> ok.
stop(Profile) ->
    _ = inets:stop(httpc, Profile),
    ok.

%% @doc Sends a signed request. `async': the caller gets `{http, {Ref, _}}' for {@link answer/1}.
-spec post(target(), Id :: binary(), {async | sync, Body :: binary()}) ->
          {ok, reference()} | answer().
post(#{profile := Profile, url := Url, secrets := Secrets, timeout := Timeout}, Id,
     {Mode, Body}) ->
    Now = erlang:system_time(second),
    Headers = [{"user-agent", "mod_foyer/" ?VERSION} |
               mod_foyer_sign:headers(Secrets, Id, Now, Body)],
    Request = {binary_to_list(Url), Headers, "application/json", Body},
    HttpOptions = [{timeout, Timeout}, {connect_timeout, min(Timeout, ?CONNECT_TIMEOUT)},
                   {autoredirect, false} | tls(Url)],
    Options = [{sync, Mode =:= sync}, {body_format, binary}],
    case httpc:request(post, Request, HttpOptions, Options, Profile) of
        {ok, Ref} when is_reference(Ref) -> {ok, Ref};
        {ok, Result} -> answer(Result);
        {error, _} = Error -> answer(Error)
    end.

-spec cancel(atom(), reference()) -> ok.
cancel(Profile, Ref) -> httpc:cancel_request(Ref, Profile).

%% @doc Flattens what httpc says.
-spec answer(term()) -> answer().
answer({{_, Code, _}, Headers, Body}) -> {ok, Code, Headers, iolist_to_binary(Body)};
answer({error, timeout}) -> {error, <<"no answer in time">>};
answer({error, {failed_connect, Details}}) -> {error, failed_connect(Details)};
answer({error, Reason}) -> {error, text("request failed: ~0p", [Reason])}.

%% @doc What the bridge says about its refusal, in one line; empty where somebody else answered.
-spec explanation(binary()) -> binary().
explanation(Body) ->
    case mod_foyer_json:decode(Body) of
        {ok, #{<<"detail">> := Detail}} when is_binary(Detail) ->
            unicode:characters_to_binary([C || C <- lists:sublist(unicode:characters_to_list(Detail),
                                                                  ?MAX_EXPLANATION), C >= 32]);
        _ -> <<>>
    end.

%% @doc Milliseconds that the answer asks to wait, at most ten minutes.
-spec retry_after([{string(), string()}], Now :: calendar:datetime()) -> non_neg_integer() | none.
retry_after(Headers, Now) ->
    case lists:keyfind("retry-after", 1, Headers) of
        {_, Value} -> bounded(seconds(string:trim(Value), Now));
        false -> none
    end.

%% @doc The request's body; events are JSON already.
-spec envelope(binary(), [iodata(), ...]) -> binary().
envelope(Host, Events) ->
    <<"{", Head/binary>> = mod_foyer_json:encode(#{host => Host,
                                                   node => atom_to_binary(node(), utf8),
                                                   version => 1}),
    Open = binary:part(Head, 0, byte_size(Head) - 1),
    iolist_to_binary(["{", Open, ",\"events\":[", lists:join($,, Events), "]}"]).

%% @doc The same for the same events, whenever they are sent.
-spec batch_id([binary(), ...]) -> binary().
batch_id([First | _] = Ids) ->
    iolist_to_binary([First, $_, lists:last(Ids), $_, integer_to_binary(length(Ids))]).

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec tls(binary()) -> [{ssl, list()}].
tls(<<"https:", _/binary>>) ->
    [{ssl, [{verify, verify_peer}, {depth, 10},
            {customize_hostname_check,
             [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]} | authorities()]}];
tls(_) -> [].

-spec authorities() -> list().
authorities() ->
    try public_key:cacerts_get() of
        Certificates -> [{cacerts, Certificates}]
    catch
        error:_ -> [{cacertfile, File} || File <- first([F || F <- ?CA_FILES,
                                                              filelib:is_regular(F)])]
    end.

-spec first([T]) -> [T].
first([First | _]) -> [First];
first([]) -> [].

-spec family(binary()) -> inet | inet6 | inet6fb4.
family(Url) ->
    Host = maps:get(host, uri_string:parse(binary_to_list(Url)), ""),
    case inet:parse_address(string:trim(Host, both, "[]")) of
        {ok, Address} when tuple_size(Address) =:= 4 -> inet;
        {ok, _} -> inet6;
        {error, _} -> inet6fb4
    end.

-spec failed_connect(list()) -> binary().
failed_connect(Details) ->
    case lists:keyfind(inet, 1, Details) of
        {inet, _, Reason} -> text("can't connect: ~0p", [Reason]);
        false -> text("can't connect: ~0p", [[Reason || {inet6, _, Reason} <- Details]])
    end.

-spec seconds(string(), calendar:datetime()) -> integer() | none.
seconds(Value, Now) ->
    case string:to_integer(Value) of
        {Seconds, ""} when is_integer(Seconds) -> Seconds;
        _ ->
            try httpd_util:convert_request_date(Value) of
                {{_, _, _}, {_, _, _}} = Date ->
                    calendar:datetime_to_gregorian_seconds(Date)
                        - calendar:datetime_to_gregorian_seconds(Now);
                _ -> none
            catch
                _:_ -> none
            end
    end.

-spec bounded(integer() | none) -> non_neg_integer() | none.
bounded(none) -> none;
bounded(Seconds) -> max(0, min(Seconds, ?MAX_RETRY_AFTER)) * 1000.

-spec text(string(), [term()]) -> binary().
text(Format, Args) ->
    unicode:characters_to_binary(string:slice(io_lib:format(Format, Args), 0, 300)).
