%%%-------------------------------------------------------------------
%%% File    : mod_foyer_once.erl
%%% Purpose : Routes each message of a visitor once, and before the next one
%%%
%%% After a lost connection the bridge sends again what wasn't acknowledged. The old connection's
%%% process may still be working off its buffer then, so two processes route the same messages,
%%% each in their order. Whoever comes to one that the other is just routing waits for its end:
%%% else the next message could overtake it.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_once).

-export([ask/2, route/2]).

-export_type([ticket/0]).

%% With which a message is routed: in which table its key is, and as what.
-opaque ticket() :: {atom(), mod_foyer_seen:digest()}.

-define(WAIT_STEP, 1).

%% Positions in {@link mod_foyer_seen:row()}.
-define(ROUTER, 4).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether a message with this key was routed; waits for the end when it is being routed. A new
%% one isn't claimed yet.
-spec ask(binary(), mod_foyer_seen:key()) -> {new, ticket()} | repeat.
ask(Host, Key) ->
    Table = mod_foyer_seen:name(Host),
    Digest = mod_foyer_seen:digest(Key),
    case lookup(Table, Digest) =/= [] andalso await(Table, Digest) of
        done -> repeat;
        _ -> {new, {Table, Digest}}
    end.

%% @doc Calls `Route' unless it was called for this message before, and then waits for its end.
%% Without the table, while the module is being loaded anew, everything is routed.
-spec route(ticket(), fun(() -> term())) -> ok.
route({Table, Digest} = Ticket, Route) ->
    try ets:insert_new(Table, {Digest, erlang:system_time(second), false, self()}) of
        true -> route_claimed(Table, Digest, Route);
        false ->
            case await(Table, Digest) of
                done -> ok;
                abandoned -> route(Ticket, Route)
            end
    catch error:badarg -> _ = Route(), ok
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

%% What wasn't routed after all is no repeat when it comes again.
-spec route_claimed(atom(), mod_foyer_seen:digest(), fun(() -> term())) -> ok.
route_claimed(Table, Digest, Route) ->
    try Route() of
        _ -> settle(fun() -> ets:update_element(Table, Digest, {?ROUTER, done}) end)
    catch Class:Reason:Stack ->
            settle(fun() -> ets:delete(Table, Digest) end),
            erlang:raise(Class, Reason, Stack)
    end.

%% The table may be gone by now.
-spec settle(fun(() -> boolean())) -> ok.
settle(Update) ->
    try Update() of
        _ -> ok
    catch error:badarg -> ok
    end.

%% `abandoned': whoever was routing it ended in the middle, and nobody is known to have it. The key
%% is free again, since a repeat is better than a loss.
-spec await(atom(), mod_foyer_seen:digest()) -> done | abandoned.
await(Table, Digest) ->
    case lookup(Table, Digest) of
        [{_, _, _, done}] -> done;
        [{_, _, IsWritten, Router}] ->
            case Router =/= self() andalso is_process_alive(Router) of
                true -> receive after ?WAIT_STEP -> await(Table, Digest) end;
                false when IsWritten -> done;
                false -> abandon(Table, Digest, Router)
            end;
        [] -> abandoned
    end.

%% Of several that wait one frees it; a claim that has come since stays.
-spec abandon(atom(), mod_foyer_seen:digest(), pid()) -> abandoned.
abandon(Table, Digest, Router) ->
    settle(fun() -> ets:match_delete(Table, {Digest, '_', false, Router}) end),
    abandoned.

-spec lookup(atom(), mod_foyer_seen:digest()) -> [mod_foyer_seen:row()].
lookup(Table, Digest) ->
    try ets:lookup(Table, Digest)
    catch error:badarg -> []
    end.
