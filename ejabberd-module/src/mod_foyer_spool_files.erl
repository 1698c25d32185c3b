%%%-------------------------------------------------------------------
%%% File    : mod_foyer_spool_files.erl
%%% Purpose : The files that the spool's process writes: the newest segment and the cursor
%%%
%%% What can't be opened is tried again at the next occasion; until then writing fails.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_spool_files).

-export([new/3, open/2, roll/2, tidy/2, write/3, cut_back/1, save_cursor/2, close/1]).
-export([is_open/1, first/1, dir/1, segment/2]).

-export_type([files/0]).

-record(files, {dir :: file:filename(),
                fd :: undefined | file:fd(),
                %% Of the newest segment: its first number and how many bytes are written.
                first :: pos_integer(),
                size = 0 :: non_neg_integer(),
                %% Why no segment is open.
                fault = not_open :: atom(),
                cursor_fd :: undefined | file:fd(),
                generation :: non_neg_integer()}).
-opaque files() :: #files{}.

-define(SEGMENT_BYTES, 8388608).
%% Delivered texts needn't stay on disk until a segment is full.
-define(TIDY_BYTES, 262144).

%%%===================================================================
%%% Segments.
%%%===================================================================

%% @doc Nothing is open yet; `Generation' is the cursor's, `First' the next number.
-spec new(file:filename(), non_neg_integer(), pos_integer()) -> files().
new(Dir, Generation, First) -> #files{dir = Dir, generation = Generation, first = First}.

-spec open(Next :: pos_integer(), files()) -> files().
open(_, #files{fd = Fd} = Files) when Fd =/= undefined -> Files;
open(_, #files{size = 0, first = First} = Files) -> start_segment(First, Files);
open(Next, Files) -> start_segment(Next, Files).

%% @doc A new segment when this one is full.
-spec roll(Next :: pos_integer(), files()) -> files().
roll(Next, #files{size = Size} = Files) when Size >= ?SEGMENT_BYTES -> start_segment(Next, Files);
roll(_, Files) -> Files.

%% @doc The same when nothing in this one is needed any more, and it is worth it.
-spec tidy(Next :: pos_integer(), files()) -> files().
tidy(Next, #files{size = Size} = Files) when Size >= ?TIDY_BYTES -> start_segment(Next, Files);
tidy(_, Files) -> Files.

-spec write([iodata()], Sync :: boolean(), files()) -> {ok, files()} | {error, atom()}.
write([], _, Files) -> {ok, Files};
write(_, _, #files{fd = undefined, fault = Fault}) -> {error, Fault};
write(Frames, Sync, #files{fd = Fd, size = Size} = Files) ->
    case pwrite(Fd, Size, Frames, Sync) of
        ok -> {ok, Files#files{size = Size + iolist_size(Frames)}};
        {error, _} = Error -> Error
    end.

%% @doc What a failed write left behind must not come back to life after a restart.
-spec cut_back(files()) -> files().
cut_back(#files{fd = undefined} = Files) -> Files;
cut_back(#files{fd = Fd, size = Size} = Files) ->
    case mod_foyer_segment:cut(Fd, Size) of
        ok -> Files;
        {error, _} -> _ = file:close(Fd), Files#files{fd = undefined}
    end.

-spec is_open(files()) -> boolean().
is_open(#files{fd = Fd}) -> Fd =/= undefined.

-spec first(files()) -> pos_integer().
first(#files{first = First}) -> First.

-spec dir(files()) -> file:filename().
dir(#files{dir = Dir}) -> Dir.

%% @doc The newest segment, when `Next' is the next number.
-spec segment(Next :: pos_integer(), files()) -> mod_foyer_segment:segment().
segment(Next, #files{dir = Dir, first = First, size = Size}) ->
    {First, Next - 1, mod_foyer_segment:path(Dir, First), Size}.

-spec close(files()) -> ok.
close(#files{fd = Fd, cursor_fd = CursorFd}) ->
    lists:foreach(fun(undefined) -> ok;
                     (F) -> _ = file:datasync(F), file:close(F)
                  end, [Fd, CursorFd]).

%%%===================================================================
%%% The cursor.
%%%===================================================================

-spec save_cursor(pos_integer(), files()) -> files().
save_cursor(Cursor, #files{generation = Generation} = Files) ->
    write_cursor(Cursor, open_cursor(Files#files{generation = Generation + 1})).

-spec open_cursor(files()) -> files().
open_cursor(#files{cursor_fd = undefined, dir = Dir} = Files) ->
    case file:open(filename:join(Dir, "cursor"), [read, write, raw, binary]) of
        {ok, Fd} -> Files#files{cursor_fd = Fd};
        {error, _} -> Files
    end;
open_cursor(Files) -> Files.

-spec write_cursor(pos_integer(), files()) -> files().
write_cursor(_, #files{cursor_fd = undefined} = Files) -> Files;
write_cursor(Cursor, #files{cursor_fd = Fd, generation = Generation} = Files) ->
    case mod_foyer_segment:write_cursor(Fd, Generation, Cursor) of
        ok -> Files;
        {error, _} -> _ = file:close(Fd), Files#files{cursor_fd = undefined}
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

%% The one before stays open, and is written on, when the new one can't be made.
-spec start_segment(pos_integer(), files()) -> files().
start_segment(First, #files{dir = Dir, fd = Old} = Files) ->
    case open_segment(Dir, First) of
        {ok, Fd} ->
            _ = Old =/= undefined andalso file:close(Old),
            Files#files{fd = Fd, first = First, size = 0};
        {error, Reason} -> Files#files{fault = Reason}
    end.

-spec open_segment(file:filename(), pos_integer()) -> {ok, file:fd()} | {error, atom()}.
open_segment(Dir, First) ->
    Path = mod_foyer_segment:path(Dir, First),
    case filelib:ensure_dir(Path) of
        ok ->
            _ = file:change_mode(Dir, 8#700),
            case file:open(Path, [write, read, raw, binary]) of
                {ok, Fd} -> _ = file:change_mode(Path, 8#600), {ok, Fd};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

-spec pwrite(file:fd(), non_neg_integer(), [iodata()], boolean()) -> ok | {error, atom()}.
pwrite(Fd, Size, Frames, Sync) ->
    case file:pwrite(Fd, Size, Frames) of
        ok when Sync -> file:datasync(Fd);
        ok -> ok;
        {error, _} = Error -> Error
    end.
