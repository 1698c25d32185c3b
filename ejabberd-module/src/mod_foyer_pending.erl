%%%-------------------------------------------------------------------
%%% File    : mod_foyer_pending.erl
%%% Purpose : What the courier has read of the spool and the bridge hasn't acknowledged
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_pending).

-export([new/1, fill/3, batch/3, settle/5, acknowledge_skipped/1, close/1]).

-export_type([pending/0]).

-type entry() :: mod_foyer_segment:entry().

-record(pending, {host :: binary(),
                  reader :: mod_foyer_segment:reader(),
                  %% Oldest first.
                  entries = [] :: [entry()],
                  read_to = 0 :: non_neg_integer(),
                  %% Of entries that left without being sent (superseded snapshots, voids).
                  skipped = {0, 0} :: {non_neg_integer(), non_neg_integer()}}).
-opaque pending() :: #pending{}.

%%%===================================================================
%%% API.
%%%===================================================================

-spec new(binary()) -> pending().
new(Host) -> #pending{host = Host, reader = mod_foyer_spool_view:reader(Host)}.

%% @doc Reads until there is a batch or nothing more; in the latter case the spool will call. Says
%% how many bytes were damaged.
-spec fill(Limit :: pos_integer(), MaxBytes :: pos_integer(), pending()) ->
          {Damaged :: non_neg_integer(), pending()}.
fill(Limit, MaxBytes, Pending) -> fill(Limit, MaxBytes, 0, drop_superseded(Pending)).

%% @doc The first of them, within these bounds, but one at least.
-spec batch(Limit :: pos_integer(), MaxBytes :: pos_integer(), pending()) -> [entry()].
batch(_, _, #pending{entries = []}) -> [];
batch(Limit, MaxBytes, #pending{entries = [First | Rest]}) ->
    [First | mod_foyer_results:take(Rest, Limit - 1, MaxBytes - maps:get(size, First))].

%% @doc Of the batch `Sent' some are done, and the spool is told; the others stay.
-spec settle(Sent :: [entry()], Done :: [entry()], Left :: [entry()], Rejected :: non_neg_integer(),
             pending()) -> pending().
settle(Sent, Done, Left, Rejected, #pending{entries = Entries} = Pending) ->
    Rest = Left ++ lists:nthtail(length(Sent), Entries),
    acknowledge(Done, Rejected, Pending#pending{entries = Rest}).

-spec acknowledge_skipped(pending()) -> pending().
acknowledge_skipped(#pending{skipped = {0, _}} = Pending) -> Pending;
acknowledge_skipped(Pending) -> acknowledge([], 0, Pending).

-spec close(pending()) -> ok.
close(#pending{reader = Reader}) -> mod_foyer_segment:close(Reader).

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec fill(pos_integer(), pos_integer(), non_neg_integer(), pending()) ->
          {non_neg_integer(), pending()}.
fill(Limit, MaxBytes, Damaged, Pending) ->
    case read_more(Limit, MaxBytes, Pending) of
        {more, More, Pending1} -> fill(Limit, MaxBytes, Damaged + More, Pending1);
        {full, More, Pending1} -> {Damaged + More, Pending1};
        {empty, More, #pending{host = Host} = Pending1} ->
            ok = mod_foyer_spool_view:watch(Host),
            case read_more(Limit, MaxBytes, Pending1) of
                {more, Last, Pending2} -> fill(Limit, MaxBytes, Damaged + More + Last, Pending2);
                {_, Last, Pending2} -> {Damaged + More + Last, Pending2}
            end
    end.

-spec read_more(pos_integer(), pos_integer(), pending()) ->
          {more | full | empty, Damaged :: non_neg_integer(), pending()}.
read_more(Limit, MaxBytes, #pending{host = Host, entries = Entries, reader = Reader} = Pending) ->
    Room = Limit - length(Entries),
    Bytes = MaxBytes - mod_foyer_results:total_size(Entries),
    case Room > 0 andalso Bytes > 0 of
        false -> {full, 0, Pending};
        true ->
            {Read, Damaged, Reader1} = mod_foyer_spool_view:read(Host, Reader, Room, Bytes),
            Pending1 = Pending#pending{reader = Reader1},
            case Read of
                [] -> {empty, Damaged, Pending1};
                _ -> {more, Damaged, add(Read, Pending1)}
            end
    end.

-spec add([entry(), ...], pending()) -> pending().
add(Read, #pending{entries = Entries} = Pending) ->
    #{seq := Last} = lists:last(Read),
    drop_superseded(Pending#pending{entries = Entries ++ Read, read_to = Last}).

%% Of the snapshots only the newest matters.
-spec drop_superseded(pending()) -> pending().
drop_superseded(#pending{host = Host, entries = Entries, skipped = {N, Bytes}} = Pending) ->
    Newest = mod_foyer_spool_view:last_ping(Host),
    {Needed, Dropped} = lists:partition(fun(#{kind := Kind, seq := Seq}) ->
                                                Kind =:= event
                                                    orelse (Kind =:= ping andalso Seq >= Newest)
                                        end, Entries),
    Pending#pending{entries = Needed,
                    skipped = {N + length(Dropped),
                               Bytes + mod_foyer_results:total_size(Dropped)}}.

-spec acknowledge([entry()], non_neg_integer(), pending()) -> pending().
acknowledge(Done, Rejected, #pending{host = Host, entries = Entries, read_to = ReadTo,
                                     skipped = {Skipped, SkippedBytes}} = Pending) ->
    Cursor = case Entries of
                 [#{seq := First} | _] -> First;
                 [] -> ReadTo + 1
             end,
    mod_foyer_spool:ack(Host, #{cursor => Cursor, entries => length(Done) + Skipped,
                                bytes => mod_foyer_results:total_size(Done) + SkippedBytes,
                                delivered => length(Done) - Rejected, rejected => Rejected}),
    Pending#pending{skipped = {0, 0}}.
