%%%-------------------------------------------------------------------
%%% File    : mod_foyer_snapshot.erl
%%% Purpose : Which operators are reachable, over all nodes of the cluster
%%%
%%% The bridge takes whom a snapshot leaves out for offline: one of which a node is missing would
%%% do harm, and isn't sent.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_snapshot).

-export([take/1, send/2, merge/1]).

-include("logger.hrl").

-define(TIMEOUT, 5000).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Not for the process that keeps a node's sessions: it is asked too.
-spec take(binary()) -> {ok, [mod_foyer_event:operator()]} | {error, Silent :: [node(), ...]}.
take(Host) ->
    Nodes = ejabberd_cluster:get_nodes(),
    case gen_server:multi_call(Nodes, mod_foyer_presence:name(Host), snapshot, ?TIMEOUT) of
        {Replies, []} -> {ok, merge([Operators || {_, Operators} <- Replies])};
        {_, Silent} -> {error, Silent}
    end.

%% @doc Takes it and puts it into the spool, as of `At'.
-spec send(binary(), At :: binary()) -> ok.
send(Host, At) ->
    case take(Host) of
        {ok, Operators} ->
            Tail = mod_foyer_event:tail(mod_foyer_event:ping(Operators, At)),
            note(mod_foyer_spool:append(Host, [{ping, erlang:system_time(millisecond), Tail}]));
        {error, Silent} ->
            ?WARNING_MSG("No snapshot of the operators of ~ts: no answer from ~0p", [Host, Silent])
    end.

%% @doc An operator who is on several nodes is what the best of his sessions says.
-spec merge([[mod_foyer_event:operator()]]) -> [mod_foyer_event:operator()].
merge(Lists) ->
    maps:values(lists:foldl(fun(#{jid := Jid} = Operator, Found) ->
                                    Found#{Jid => better(maps:get(Jid, Found, none), Operator)}
                            end, #{}, lists:append(Lists))).

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec better(none | mod_foyer_event:operator(), mod_foyer_event:operator()) ->
          mod_foyer_event:operator().
better(none, Operator) -> Operator;
better(#{priority := Priority, resources := Some} = One,
       #{priority := OtherPriority, resources := Others} = Other) ->
    Best = case OtherPriority > Priority of
               true -> Other;
               false -> One
           end,
    Best#{resources => Some + Others}.

-spec note(ok | {error, mod_foyer_spool:reason()}) -> ok.
note(ok) -> ok;
note({error, Reason}) -> ?WARNING_MSG("Foyer's spool didn't take a snapshot: ~0p", [Reason]).
