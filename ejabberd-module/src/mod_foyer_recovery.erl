%%%-------------------------------------------------------------------
%%% File    : mod_foyer_recovery.erl
%%% Purpose : What the spool's directory holds when the module starts
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_recovery).

-export([recover/1, keep_identity/2]).

-export_type([found/0]).

-include("logger.hrl").

-type found() :: #{id := binary(),
                   generation := non_neg_integer(),
                   cursor := pos_integer(),
                   next := pos_integer(),
                   depth := non_neg_integer(),
                   bytes := non_neg_integer(),
                   last_ping := non_neg_integer(),
                   segments := [mod_foyer_segment:segment()]}.

%% After a reboot of the machine numbers may have been sent that never reached the disk: to the
%% bridge a new event with such a number would be one that it has.
-define(REBOOT_GAP, 1000000).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Reads all segments, cuts torn records, counts what isn't acknowledged.
-spec recover(file:filename()) -> found().
recover(Dir) ->
    {Generation, Cursor} = mod_foyer_segment:read_cursor(filename:join(Dir, "cursor")),
    {Id, Rebooted} = identity(Dir),
    Empty = #{id => Id, generation => Generation, cursor => Cursor, next => Cursor, depth => 0,
              bytes => 0, last_ping => 0, segments => []},
    Found = lists:foldl(fun add_segment/2, Empty, mod_foyer_segment:list(Dir)),
    skip_to_next(leave_gap(Rebooted, Found)).

%% @doc Writes the spool's name once more, unless it is there.
-spec keep_identity(file:filename(), binary()) -> ok.
keep_identity(Dir, Id) ->
    Path = filename:join(Dir, "spool.id"),
    case filelib:is_regular(Path) of
        true -> ok;
        false -> save_identity(Path, Id, boot_id())
    end.

%%%===================================================================
%%% Segments.
%%%===================================================================

-spec add_segment({pos_integer(), file:filename()}, found()) -> found().
add_segment({First, Path}, Found) ->
    Start = Found#{last => First - 1},
    case mod_foyer_segment:fold(fun count/2, Start, Path) of
        {ok, _, 0, _} -> _ = file:delete(Path), Found;
        {ok, #{last := Last, next := Next, segments := Segments} = Counted, Whole, Size} ->
            _ = Size > Whole andalso cut_file(Path, Whole, Size),
            (maps:remove(last, Counted))#{next => max(Next, Last + 1),
                                          segments => [{First, Last, Path, Whole} | Segments]};
        {error, Reason} ->
            ?ERROR_MSG("Can't read ~ts of Foyer's spool: ~p", [Path, Reason]),
            Found
    end.

-spec count(mod_foyer_segment:entry(), map()) -> map().
count(#{seq := Seq, kind := Kind} = Entry, Counted) ->
    count_kind(Kind, Seq, count_live(Entry, Counted#{last => Seq})).

-spec count_live(mod_foyer_segment:entry(), map()) -> map().
count_live(#{seq := Seq, size := Size}, #{cursor := Cursor, depth := Depth, bytes := Bytes} = Map)
  when Seq >= Cursor -> Map#{depth => Depth + 1, bytes => Bytes + Size};
count_live(_, Map) -> Map.

-spec count_kind(mod_foyer_segment:kind(), pos_integer(), map()) -> map().
count_kind(ping, Seq, Map) -> Map#{last_ping => Seq};
count_kind(_, _, Map) -> Map.

-spec cut_file(file:filename(), non_neg_integer(), pos_integer()) -> ok.
cut_file(Path, Whole, Size) ->
    ?WARNING_MSG("Cut ~b bytes of a torn record from ~ts", [Size - Whole, Path]),
    case file:open(Path, [read, write, raw]) of
        {ok, Fd} -> _ = mod_foyer_segment:cut(Fd, Whole), _ = file:close(Fd), ok;
        {error, _} -> ok
    end.

-spec leave_gap(boolean(), found()) -> found().
leave_gap(true, #{next := Next} = Found) -> Found#{next => Next + ?REBOOT_GAP};
leave_gap(false, Found) -> Found.

-spec skip_to_next(found()) -> found().
skip_to_next(#{depth := 0, next := Next} = Found) -> Found#{cursor => Next};
skip_to_next(Found) -> Found.

%%%===================================================================
%%% The spool's name.
%%%===================================================================

%% The name, made once, and whether the machine was booted since it was last used.
-spec identity(file:filename()) -> {binary(), Rebooted :: boolean()}.
identity(Dir) ->
    Path = filename:join(Dir, "spool.id"),
    Boot = boot_id(),
    case file:read_file(Path) of
        {ok, <<Id:32/binary, $\n, Boot/binary>>} -> {Id, false};
        {ok, <<Id:32/binary, $\n, _/binary>>} -> save_identity(Path, Id, Boot), {Id, true};
        _ ->
            Id = random_id(),
            save_identity(Path, Id, Boot),
            {Id, false}
    end.

-spec random_id() -> binary().
random_id() ->
    Hex = [integer_to_binary(N, 16) || <<N:4>> <= crypto:strong_rand_bytes(16)],
    string:lowercase(iolist_to_binary(Hex)).

-spec save_identity(file:filename(), binary(), binary()) -> ok.
save_identity(Path, Id, Boot) ->
    Temporary = Path ++ ".new",
    _ = filelib:ensure_dir(Path),
    case file:write_file(Temporary, <<Id/binary, $\n, Boot/binary>>, [sync]) of
        ok -> _ = file:rename(Temporary, Path), ok;
        {error, Reason} -> ?ERROR_MSG("Can't write ~ts: ~p", [Path, Reason])
    end.

-spec boot_id() -> binary().
boot_id() ->
    case file:read_file("/proc/sys/kernel/random/boot_id") of
        {ok, Boot} -> Boot;
        {error, _} -> <<"unknown">>
    end.
