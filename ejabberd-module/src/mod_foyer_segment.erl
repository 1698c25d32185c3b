%%%-------------------------------------------------------------------
%%% File    : mod_foyer_segment.erl
%%% Purpose : The files of the spool: frames, scanning, reading, the cursor
%%%
%%% A segment is a sequence of frames <<Length:32, Crc:32, Body/binary>>; a body is
%%% <<Sequence:64, Milliseconds:64, Kind:8, Tail/binary>>. A segment's name is its first
%%% sequence number. Frames are only ever appended, so a crash can tear only the last ones.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_segment).

-export([frame/4, path/2, list/1, fold/3, cut/2, reader/1, read/4, close/1]).
-export([read_cursor/1, write_cursor/3]).

-export_type([entry/0, kind/0, reader/0, segment/0, next/0]).

-type kind() :: event | ping | void.
-type entry() :: #{seq := pos_integer(), at := integer(), kind := kind(), tail := binary(),
                   size := pos_integer()}.
%% Which segment holds a sequence number, or else follows it: its first and last number, its
%% path and how many bytes of it are written.
-type segment() :: {First :: pos_integer(), Last :: non_neg_integer(), file:filename(),
                    Size :: non_neg_integer()}.
-type next() :: fun((pos_integer()) -> segment() | none).
-record(reader, {from :: pos_integer(),
                 first = 0 :: non_neg_integer(),
                 fd :: undefined | file:fd(),
                 offset = 0 :: non_neg_integer(),
                 buffer = <<>> :: binary()}).
-opaque reader() :: #reader{}.

-define(HEADER, 8).
-define(CHUNK, 524288).
-define(MAX_FRAME, 67108864).
-define(CURSOR_SLOT, 32).

%%%===================================================================
%%% Frames and files.
%%%===================================================================

-spec frame(pos_integer(), integer(), kind(), binary()) -> {iodata(), Size :: pos_integer()}.
frame(Seq, At, Kind, Tail) ->
    Prefix = <<Seq:64, At:64, (kind_code(Kind))>>,
    Crc = erlang:crc32([Prefix, Tail]),
    Length = byte_size(Prefix) + byte_size(Tail),
    {[<<Length:32, Crc:32>>, Prefix, Tail], ?HEADER + Length}.

-spec path(file:filename(), pos_integer()) -> file:filename().
path(Dir, First) -> filename:join(Dir, lists:flatten(io_lib:format("~20..0b.seg", [First]))).

%% @doc The segments of a directory, oldest first.
-spec list(file:filename()) -> [{pos_integer(), file:filename()}].
list(Dir) ->
    Names = filelib:wildcard("????????????????????.seg", Dir),
    lists:sort([{list_to_integer(filename:basename(Name, ".seg")), filename:join(Dir, Name)}
                || Name <- Names]).

%% @doc Folds over the whole frames of a file; also says how many bytes they are.
-spec fold(fun((entry(), Acc) -> Acc), Acc, file:filename()) ->
          {ok, Acc, Whole :: non_neg_integer(), Size :: non_neg_integer()} |
          {error, file:posix() | atom()}.
fold(Fun, Acc, Path) ->
    case file:read_file(Path) of
        {ok, Bytes} -> fold_bytes(Fun, Acc, Bytes, 0, byte_size(Bytes));
        {error, _} = Error -> Error
    end.

-spec fold_bytes(fun((entry(), Acc) -> Acc), Acc, binary(), non_neg_integer(),
                 non_neg_integer()) -> {ok, Acc, non_neg_integer(), non_neg_integer()}.
fold_bytes(Fun, Acc, Bytes, Offset, Size) ->
    case take(Bytes) of
        {ok, #{size := Length} = Entry, Rest} ->
            fold_bytes(Fun, Fun(Entry, Acc), Rest, Offset + Length, Size);
        _ -> {ok, Acc, Offset, Size}
    end.

-spec cut(file:fd(), Size :: non_neg_integer()) -> ok | {error, atom()}.
cut(Fd, Size) ->
    case file:position(Fd, Size) of
        {ok, _} -> file:truncate(Fd);
        {error, _} = Error -> Error
    end.

%%%===================================================================
%%% Reading in order, across segments, while they grow.
%%%===================================================================

-spec reader(From :: pos_integer()) -> reader().
reader(From) -> #reader{from = From}.

%% @doc Up to `Max' entries, or as many as exceed `MaxBytes' by at most one. `damaged' is the
%% number of bytes that had to be jumped over because a frame in the middle doesn't check.
-spec read(reader(), next(), pos_integer(), pos_integer()) ->
          {[entry()], Damaged :: non_neg_integer(), reader()}.
read(Reader, Next, Max, MaxBytes) -> read(Reader, Next, Max, MaxBytes, [], 0).

-spec read(reader(), next(), integer(), integer(), [entry()], non_neg_integer()) ->
          {[entry()], non_neg_integer(), reader()}.
read(Reader, _, Max, Bytes, Acc, Damaged) when Max =< 0; Bytes =< 0 ->
    {lists:reverse(Acc), Damaged, Reader};
read(#reader{buffer = Buffer, from = From} = Reader, Next, Max, Bytes, Acc, Damaged) ->
    case take(Buffer) of
        {ok, #{seq := Seq}, Rest} when Seq < From ->
            read(Reader#reader{buffer = Rest}, Next, Max, Bytes, Acc, Damaged);
        {ok, #{seq := Seq, size := Size} = Entry, Rest} ->
            Reader1 = Reader#reader{buffer = Rest, from = Seq + 1},
            read(Reader1, Next, Max - 1, Bytes - Size, [Entry | Acc], Damaged);
        {more, Wanted} ->
            case fill(Reader, Next, Wanted) of
                {ok, Reader1} -> read(Reader1, Next, Max, Bytes, Acc, Damaged);
                {damaged, N, Reader1} -> read(Reader1, Next, Max, Bytes, Acc, Damaged + N);
                {done, Reader1} -> {lists:reverse(Acc), Damaged, Reader1}
            end;
        damaged ->
            {damaged, N, Reader1} = damaged(Reader, Next),
            read(Reader1, Next, Max, Bytes, Acc, Damaged + N)
    end.

-spec close(reader()) -> ok.
close(#reader{fd = undefined}) -> ok;
close(#reader{fd = Fd}) -> _ = file:close(Fd), ok.

-spec fill(reader(), next(), pos_integer()) ->
          {ok, reader()} | {damaged, pos_integer(), reader()} | {done, reader()}.
fill(#reader{fd = undefined} = Reader, Next, _) -> open_next(Reader, Next);
fill(#reader{fd = Fd, offset = Offset, buffer = Buffer} = Reader, Next, Wanted) ->
    {_, Size} = written(Reader, Next),
    case Size - Offset of
        Left when Left > 0 ->
            case file:pread(Fd, Offset, min(Left, max(Wanted, ?CHUNK))) of
                {ok, Bytes} ->
                    {ok, Reader#reader{offset = Offset + byte_size(Bytes),
                                       buffer = <<Buffer/binary, Bytes/binary>>}};
                _ -> damaged(Reader, Next)
            end;
        _ when Buffer =/= <<>> -> damaged(Reader, Next);
        _ -> open_next(Reader, Next)
    end.

-spec open_next(reader(), next()) ->
          {ok, reader()} | {damaged, pos_integer(), reader()} | {done, reader()}.
open_next(#reader{first = First, from = From} = Reader, Next) ->
    case Next(max(From, First + 1)) of
        {First, _, _, _} -> {done, Reader};
        Empty when Empty =:= none; element(4, Empty) =:= 0 -> {done, release(Reader)};
        {NewFirst, _, Path, _} ->
            Moved = (release(Reader))#reader{first = NewFirst},
            case file:open(Path, [read, raw, binary]) of
                {ok, Fd} -> {ok, Moved#reader{fd = Fd}};
                {error, _} -> damaged(Moved, Next)
            end
    end.

%% A deleted segment that is still open keeps its place on the disk.
-spec release(reader()) -> reader().
release(Reader) ->
    close(Reader),
    Reader#reader{fd = undefined, offset = 0, buffer = <<>>}.

%% What can't be read is jumped over: all that is written of the segment by now.
-spec damaged(reader(), next()) -> {damaged, pos_integer(), reader()}.
damaged(#reader{from = From, offset = Offset, buffer = Buffer} = Reader, Next) ->
    {Last, Size} = written(Reader, Next),
    {damaged, max(1, byte_size(Buffer) + Size - Offset),
     Reader#reader{from = max(From, Last + 1), offset = max(Offset, Size), buffer = <<>>}}.

-spec written(reader(), next()) -> {Last :: non_neg_integer(), Size :: non_neg_integer()}.
written(#reader{first = First}, Next) ->
    case Next(max(1, First)) of
        {First, Last, _, Size} -> {Last, Size};
        _ -> {0, 0}
    end.

-spec take(binary()) -> {ok, entry(), binary()} | {more, pos_integer()} | damaged.
take(<<Length:32, _:32, _/binary>>) when Length < 17; Length > ?MAX_FRAME -> damaged;
take(<<Length:32, Crc:32, Body:Length/binary, Rest/binary>>) ->
    case erlang:crc32(Body) of
        Crc ->
            <<Seq:64, At:64, Kind, Tail/binary>> = Body,
            {ok, #{seq => Seq, at => At, kind => kind(Kind), tail => Tail,
                   size => ?HEADER + Length}, Rest};
        _ -> damaged
    end;
take(<<Length:32, _/binary>> = Bytes) -> {more, ?HEADER + Length - byte_size(Bytes)};
take(_) -> {more, ?HEADER}.

-spec kind(byte()) -> kind().
kind(1) -> event;
kind(2) -> ping;
kind(_) -> void.

-spec kind_code(kind()) -> byte().
kind_code(void) -> 0;
kind_code(event) -> 1;
kind_code(ping) -> 2.

%%%===================================================================
%%% The cursor: the first sequence number that isn't acknowledged.
%%%===================================================================

%% Two slots, written in turn: a torn write leaves the other one.
-spec write_cursor(file:fd(), Generation :: non_neg_integer(), pos_integer()) ->
          ok | {error, atom()}.
write_cursor(Fd, Generation, Cursor) ->
    Slot = <<Generation:64, Cursor:64>>,
    Padded = <<Slot/binary, (erlang:crc32(Slot)):32, 0:96>>,
    file:pwrite(Fd, (Generation rem 2) * ?CURSOR_SLOT, Padded).

-spec read_cursor(file:filename()) -> {Generation :: non_neg_integer(), Cursor :: pos_integer()}.
read_cursor(Path) ->
    case file:read_file(Path) of
        {ok, Bytes} -> lists:max([{0, 1} | slots(Bytes)]);
        {error, _} -> {0, 1}
    end.

-spec slots(binary()) -> [{non_neg_integer(), pos_integer()}].
slots(<<Slot:16/binary, Crc:32, _:96, Rest/binary>>) ->
    <<Generation:64, Cursor:64>> = Slot,
    case erlang:crc32(Slot) of
        Crc when Cursor > 0 -> [{Generation, Cursor} | slots(Rest)];
        _ -> slots(Rest)
    end;
slots(_) -> [].
