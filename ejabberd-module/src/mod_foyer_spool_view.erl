%%%-------------------------------------------------------------------
%%% File    : mod_foyer_spool_view.erl
%%% Purpose : What others see of the spool: its entries and its figures
%%%
%%% All of it runs in the caller's process and reads the table and the files of the spool's
%%% process, so that reading never holds up accepting.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_spool_view).

-export([has_room/1, reader/1, read/4, last_ping/1, watch/1, info/1, write_error/1]).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether another event would be taken; asked before a message is archived.
-spec has_room(binary()) -> boolean().
has_room(Host) ->
    try ets:lookup_element(mod_foyer_spool:name(Host), full, 2) =:= false
    catch error:badarg -> false
    end.

%% @doc A reader from the first entry that isn't acknowledged.
-spec reader(binary()) -> mod_foyer_segment:reader().
reader(Host) -> mod_foyer_segment:reader(ets:lookup_element(mod_foyer_spool:name(Host), cursor, 2)).

-spec read(binary(), mod_foyer_segment:reader(), pos_integer(), pos_integer()) ->
          {[mod_foyer_segment:entry()], non_neg_integer(), mod_foyer_segment:reader()}.
read(Host, Reader, Max, MaxBytes) ->
    Table = mod_foyer_spool:name(Host),
    mod_foyer_segment:read(Reader, fun(Seq) -> segment(Table, Seq) end, Max, MaxBytes).

%% @doc The newest snapshot; older ones needn't be sent.
-spec last_ping(binary()) -> non_neg_integer().
last_ping(Host) -> ets:lookup_element(mod_foyer_spool:name(Host), last_ping, 2).

%% @doc The calling process gets one `{mod_foyer_spool, more}' at the next append, or when a
%% segment was deleted, so that it closes it. Read once more after this call: something may have
%% come just before it.
-spec watch(binary()) -> ok.
watch(Host) ->
    ets:insert(mod_foyer_spool:name(Host), {watcher, self()}),
    ok.

%% @doc Depth, bytes, age and totals since the module was started.
-spec info(binary()) -> #{atom() => non_neg_integer()}.
info(Host) ->
    Table = mod_foyer_spool:name(Host),
    Values = maps:from_list([{Key, ets:lookup_element(Table, Key, 2)}
                             || Key <- [depth, bytes, accepted, refused, delivered, rejected]]),
    Values#{oldest_age_seconds => oldest_age(Host)}.

%% @doc Why nothing can be written just now; empty when the last write went well.
-spec write_error(binary()) -> binary().
write_error(Host) ->
    case ets:lookup_element(mod_foyer_spool:name(Host), failed, 2) of
        none -> <<>>;
        Reason -> atom_to_binary(Reason, utf8)
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec segment(atom(), pos_integer()) -> mod_foyer_segment:segment() | none.
segment(Table, Seq) ->
    case ets:prev(Table, {segment, Seq + 1}) of
        {segment, _} = Key ->
            case ets:lookup(Table, Key) of
                [{{segment, First}, Last, Path, Size}] when Last >= Seq ->
                    {First, Last, Path, Size};
                [{{segment, First}, Last, Path, Size}] ->
                    following(Table, Key, {First, Last, Path, Size});
                [] -> following(Table, Key, none)
            end;
        _ -> following(Table, {segment, Seq}, none)
    end.

-spec following(atom(), {segment, pos_integer()}, mod_foyer_segment:segment() | none) ->
          mod_foyer_segment:segment() | none.
following(Table, Key, Else) ->
    case ets:next(Table, Key) of
        {segment, First} = Next ->
            case ets:lookup(Table, Next) of
                [{_, Last, Path, Size}] -> {First, Last, Path, Size};
                [] -> Else
            end;
        _ -> Else
    end.

-spec oldest_age(binary()) -> non_neg_integer().
oldest_age(Host) ->
    {Entries, _, Reader} = read(Host, reader(Host), 1, 1),
    mod_foyer_segment:close(Reader),
    case Entries of
        [#{at := At}] -> max(0, (erlang:system_time(millisecond) - At) div 1000);
        [] -> 0
    end.
