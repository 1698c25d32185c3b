%%%-------------------------------------------------------------------
%%% File    : mod_foyer_json.erl
%%% Purpose : JSON with whatever library this ejabberd has
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_json).

-export([encode/1, decode/1]).

%% ejabberd has these two since 24.06; before it (and Debian's 23.01) called jiffy itself.
-ignore_xref([{misc, json_encode, 1}, {misc, json_decode, 1}, {jiffy, encode, 1},
              {jiffy, decode, 2}]).
-dialyzer({nowarn_function, [encode/1, decode/1]}).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc JSON text of maps (atom or binary keys), lists, binaries, numbers and booleans.
%% Fails on text that isn't UTF-8.
-spec encode(map()) -> binary().
encode(Map) ->
    case erlang:function_exported(misc, json_encode, 1) of
        true -> iolist_to_binary(misc:json_encode(Map));
        false -> iolist_to_binary(jiffy:encode(Map))
    end.

-spec decode(binary()) -> {ok, term()} | error.
decode(Text) ->
    Decode = case erlang:function_exported(misc, json_decode, 1) of
                 true -> fun misc:json_decode/1;
                 false -> fun(Bin) -> jiffy:decode(Bin, [return_maps]) end
             end,
    try {ok, Decode(Text)}
    catch _:_ -> error
    end.
