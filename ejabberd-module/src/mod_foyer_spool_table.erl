%%%-------------------------------------------------------------------
%%% File    : mod_foyer_spool_table.erl
%%% Purpose : What the spool's process writes into its table, for mod_foyer_spool_view to read
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_spool_table).

-export([new/1, recovered/4, publish/2, put_segment/2, drop_segments/3, note_written/2,
         note_settled/3, note_failure/3, note_success/2]).

-include("logger.hrl").

%%%===================================================================
%%% API.
%%%===================================================================

-spec new(atom()) -> atom().
new(Name) ->
    Table = ets:new(Name, [named_table, public, ordered_set, {read_concurrency, true}]),
    ets:insert(Table, {failed, none}),
    ets:insert(Table, [{Key, 0} || Key <- [depth, bytes, accepted, refused, delivered, rejected,
                                           last_ping]]),
    Table.

%% @doc What the directory held at the start.
-spec recovered(atom(), binary(), LastPing :: non_neg_integer(), [mod_foyer_segment:segment()]) -> ok.
recovered(Table, Id, LastPing, Segments) ->
    ets:insert(Table, [{id, Id}, {last_ping, LastPing}]),
    lists:foreach(fun(Segment) -> put_segment(Table, Segment) end, Segments).

-spec publish(atom(), [{depth | bytes | cursor, non_neg_integer()} | {full, boolean()}]) -> ok.
publish(Table, Figures) ->
    ets:insert(Table, Figures),
    ok.

%% @doc Readers find the segment by it, and how far it is written.
-spec put_segment(atom(), mod_foyer_segment:segment()) -> ok.
put_segment(Table, {First, Last, Path, Size}) ->
    ets:insert(Table, {{segment, First}, Last, Path, Size}),
    ok.

%% @doc Those before the cursor go, from the disk too; the one that is written stays.
-spec drop_segments(atom(), Cursor :: pos_integer(), Active :: pos_integer()) -> ok.
drop_segments(Table, Cursor, Active) ->
    case ets:next(Table, {segment, 0}) of
        {segment, First} = Key when First =/= Active ->
            case ets:lookup(Table, Key) of
                [{_, Last, Path, _}] when Last < Cursor ->
                    ets:delete(Table, Key),
                    _ = file:delete(Path),
                    call_watcher(Table),
                    drop_segments(Table, Cursor, Active);
                _ -> ok
            end;
        _ -> ok
    end.

%% @doc Call it when the segment is up to date: who waits for more is told.
-spec note_written(atom(), [{Seq :: pos_integer(), mod_foyer_segment:kind()}]) -> ok.
note_written(Table, Kinds) ->
    _ = [ets:insert(Table, {last_ping, lists:max(Pings)})
         || [_ | _] = Pings <- [[Seq || {Seq, ping} <- Kinds]]],
    _ = ets:update_counter(Table, accepted, length([Seq || {Seq, event} <- Kinds])),
    call_watcher(Table).

-spec note_settled(atom(), Delivered :: non_neg_integer(), Rejected :: non_neg_integer()) -> ok.
note_settled(Table, Delivered, Rejected) ->
    _ = ets:update_counter(Table, delivered, Delivered),
    _ = ets:update_counter(Table, rejected, Rejected),
    ok.

%% @doc Nothing could be written. Logged once for each reason.
-spec note_failure(atom(), file:filename(), atom()) -> ok.
note_failure(Table, Dir, Reason) ->
    _ = [?ERROR_MSG("Foyer's spool in ~ts can't be written (~ts): operators' messages are refused",
                    [Dir, Reason]) || ets:lookup_element(Table, failed, 2) =/= Reason],
    ets:insert(Table, {failed, Reason}),
    ok.

%% @doc The directory may not have been there at the start, when the name is written into it.
-spec note_success(atom(), file:filename()) -> ok.
note_success(Table, Dir) ->
    case ets:lookup_element(Table, failed, 2) of
        none -> ok;
        _ ->
            ?INFO_MSG("Foyer's spool in ~ts can be written again", [Dir]),
            mod_foyer_recovery:keep_identity(Dir, ets:lookup_element(Table, id, 2)),
            ets:insert(Table, {failed, none}),
            ok
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec call_watcher(atom()) -> ok.
call_watcher(Table) ->
    case ets:take(Table, watcher) of
        [{watcher, Pid}] -> Pid ! {mod_foyer_spool, more}, ok;
        [] -> ok
    end.
