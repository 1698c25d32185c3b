%%%-------------------------------------------------------------------
%%% File    : mod_foyer_results.erl
%%% Purpose : Batches, and what the bridge's answer means for them (pure)
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_results).

-export([take/3, total_size/1, parse/1, settle/3]).

-export_type([results/0]).

-type results() :: #{EventId :: binary() => {Status :: binary(), Code :: binary()}}.

-define(MAX_CODE, 100).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc As many of the first entries as fit into both bounds.
-spec take([mod_foyer_segment:entry()], integer(), integer()) -> [mod_foyer_segment:entry()].
take([#{size := Size} = Entry | Rest], N, Bytes) when N > 0, Bytes >= Size ->
    [Entry | take(Rest, N - 1, Bytes - Size)];
take(_, _, _) -> [].

-spec total_size([mod_foyer_segment:entry()]) -> non_neg_integer().
total_size(Entries) -> lists:sum([Size || #{size := Size} <- Entries]).

%% @doc The events that the answer settles; others are to be sent again.
-spec parse(binary()) -> {ok, results()} | error.
parse(Body) ->
    case mod_foyer_json:decode(Body) of
        {ok, #{<<"results">> := Results}} when is_list(Results) ->
            {ok, maps:from_list(lists:filtermap(fun final/1, Results))};
        _ -> error
    end.

%% @doc Which of the entries sent are done, which are left, and id and code of those rejected.
-spec settle(results(), SpoolId :: binary(), [mod_foyer_segment:entry()]) ->
          {[mod_foyer_segment:entry()], [mod_foyer_segment:entry()], [{binary(), binary()}]}.
settle(Results, SpoolId, Sent) ->
    {Done, Left} = lists:partition(fun(Entry) -> is_map_key(id(SpoolId, Entry), Results) end, Sent),
    Rejected = [{Id, Code} || Entry <- Done, Id <- [id(SpoolId, Entry)],
                              {<<"rejected">>, Code} <- [maps:get(Id, Results)]],
    {Done, Left, Rejected}.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec id(binary(), mod_foyer_segment:entry()) -> binary().
id(SpoolId, #{seq := Seq}) -> mod_foyer_spool:event_id(SpoolId, Seq).

-spec final(term()) -> {true, {binary(), {binary(), binary()}}} | false.
final(#{<<"id">> := Id, <<"status">> := Status} = Result)
  when Status =:= <<"stored">>; Status =:= <<"duplicate">>; Status =:= <<"rejected">> ->
    {true, {Id, {Status, code(Result)}}};
final(_) -> false.

-spec code(map()) -> binary().
code(#{<<"code">> := Code}) when is_binary(Code) -> string:slice(Code, 0, ?MAX_CODE);
code(_) -> <<"no code">>.
