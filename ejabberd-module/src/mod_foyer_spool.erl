%%%-------------------------------------------------------------------
%%% File    : mod_foyer_spool.erl
%%% Purpose : The events that the bridge hasn't acknowledged yet, on disk
%%%
%%% One process of a host owns the files. Callers hand in events and wait; the process takes all
%%% that wait in its mailbox, writes them at once and then answers each. The courier reads the
%%% segments in its own process and only tells how far it has come.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_spool).

-behaviour(gen_server).

%% API
-export([start_link/3, append/2, void/1, id/1, event_id/2, ack/2, count_refused/1, configure/2]).
-export([name/1]).
%% gen_server callbacks
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").

-export_type([record/0, reason/0, options/0, ack/0]).

-type record() :: {mod_foyer_segment:kind(), AtMilliseconds :: integer(), Tail :: binary()}.
-type reason() :: full | timeout | unavailable | {io, file:posix() | atom()}.
-type options() :: #{max_events := pos_integer(), max_bytes := pos_integer(), sync := boolean()}.
%% `cursor': the first entry that is still needed; the counts are of what has left since the
%% last ack.
-type ack() :: #{cursor := pos_integer(), entries := non_neg_integer(),
                 bytes := non_neg_integer(), delivered := non_neg_integer(),
                 rejected := non_neg_integer()}.
-type request() :: {append, {pid(), reference()}, Deadline :: integer(), [record()]}.

-record(state, {table :: atom(),
                dir :: file:filename(),
                options :: options(),
                fd :: undefined | file:fd(),
                first = 1 :: pos_integer(),
                size = 0 :: non_neg_integer(),
                next = 1 :: pos_integer(),
                depth = 0 :: non_neg_integer(),
                bytes = 0 :: non_neg_integer(),
                cursor = 1 :: pos_integer(),
                cursor_fd :: undefined | file:fd(),
                generation = 0 :: non_neg_integer(),
                failed = false :: boolean()}).

-define(SEGMENT_BYTES, 8388608).
%% Delivered texts needn't stay on disk until a segment is full.
-define(TIDY_BYTES, 262144).
-define(GROUP_ENTRIES, 2000).
-define(GROUP_BYTES, 1048576).
-define(APPEND_TIMEOUT, 10000).

%%%===================================================================
%%% API.
%%%===================================================================

-spec start_link(binary(), file:filename(), options()) -> {ok, pid()} | {error, term()}.
start_link(Host, Dir, Options) ->
    Name = name(Host),
    gen_server:start_link({local, Name}, ?MODULE, {Name, Dir, Options}, []).

%% @doc Returns `ok' once the records are in the file (all or none of them).
-spec append(binary(), [record(), ...]) -> ok | {error, reason()}.
append(Host, Records) ->
    case whereis(name(Host)) of
        undefined -> {error, unavailable};
        Pid ->
            Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
            Deadline = erlang:monotonic_time(millisecond) + ?APPEND_TIMEOUT,
            Pid ! {append, {self(), Ref}, Deadline, Records},
            receive
                {Ref, Result} -> Result;
                {'DOWN', Ref, process, _, _} -> {error, unavailable}
            after ?APPEND_TIMEOUT + 1000 ->
                    erlang:demonitor(Ref, [flush]),
                    {error, timeout}
            end
    end.

%% @doc Takes a sequence number for an event that is sent past the spool.
-spec void(binary()) -> {ok, pos_integer()} | {error, reason()}.
void(Host) ->
    case append(Host, [{void, erlang:system_time(millisecond), <<>>}]) of
        ok -> {ok, ets:lookup_element(name(Host), last_void, 2)};
        {error, _} = Error -> Error
    end.

-spec id(binary()) -> binary().
id(Host) -> ets:lookup_element(name(Host), id, 2).

-spec event_id(binary(), pos_integer()) -> binary().
event_id(SpoolId, Seq) -> <<SpoolId/binary, $-, (integer_to_binary(Seq))/binary>>.

-spec ack(binary(), ack()) -> ok.
ack(Host, Ack) -> gen_server:cast(name(Host), {ack, Ack}).

-spec count_refused(binary()) -> ok.
count_refused(Host) ->
    try ets:update_counter(name(Host), refused, 1) of _ -> ok
    catch error:badarg -> ok
    end.

-spec configure(binary(), options()) -> ok.
configure(Host, Options) -> gen_server:cast(name(Host), {configure, Options}).

%%%===================================================================
%%% gen_server callbacks.
%%%===================================================================

-spec init(term()) -> {ok, #state{}}.
init({Table, Dir, Options}) ->
    process_flag(trap_exit, true),
    Table = ets:new(Table, [named_table, public, ordered_set, {read_concurrency, true}]),
    ets:insert(Table, [{Key, 0} || Key <- [depth, bytes, accepted, refused, delivered, rejected,
                                           last_ping, last_void]]),
    State = recover(#state{table = Table, dir = Dir, options = Options}),
    {ok, publish(State)}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}}.
handle_call(_Request, _From, State) -> {reply, {error, unknown_request}, State}.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({ack, Ack}, State) -> {noreply, publish(acknowledge(Ack, State))};
handle_cast({configure, Options}, State) -> {noreply, publish(State#state{options = Options})};
handle_cast(_, State) -> {noreply, State}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({append, _, _, _} = First, State) ->
    {noreply, publish(append_group(gather([First], 1, request_bytes(First)), State))};
handle_info(_, State) -> {noreply, State}.

-spec terminate(term(), #state{}) -> ok.
terminate(_Reason, #state{fd = Fd, cursor_fd = CursorFd}) ->
    lists:foreach(fun(undefined) -> ok; (F) -> _ = file:datasync(F), file:close(F) end,
                  [Fd, CursorFd]).

%%%===================================================================
%%% Appending.
%%%===================================================================

-spec gather([request(), ...], pos_integer(), non_neg_integer()) -> [request(), ...].
gather(Requests, N, Bytes) when N >= ?GROUP_ENTRIES; Bytes >= ?GROUP_BYTES ->
    lists:reverse(Requests);
gather(Requests, N, Bytes) ->
    receive
        {append, _, _, _} = Request ->
            gather([Request | Requests], N + 1, Bytes + request_bytes(Request))
    after 0 -> lists:reverse(Requests)
    end.

-spec request_bytes(request()) -> non_neg_integer().
request_bytes({append, _, _, Records}) ->
    lists:sum([byte_size(Tail) || {_, _, Tail} <- Records]).

-spec append_group([request(), ...], #state{}) -> #state{}.
append_group(Requests, State0) ->
    State = roll(ensure_open(State0)),
    Now = erlang:monotonic_time(millisecond),
    {Accepted, Frames, After} =
        lists:foldl(fun(Request, Acc) -> admit(Request, Now, Acc) end, {[], [], State}, Requests),
    case {Accepted, write(lists:reverse(Frames), State)} of
        {[], _} -> State;
        {_, ok} ->
            answer(Accepted, ok),
            note_written(Accepted, State, After#state{failed = false});
        {_, {error, Reason}} ->
            answer(Accepted, {error, {io, Reason}}),
            write_failed(Reason, State)
    end.

%% Who waited too long has been told that it failed: writing it now would double it.
-spec admit(request(), integer(), {[request()], [iodata()], #state{}}) ->
          {[request()], [iodata()], #state{}}.
admit({append, _, Deadline, Records} = Request, Now, {Accepted, Frames, State}) ->
    {Framed, After} = lists:mapfoldl(fun frame/2, State, Records),
    case is_within_bounds(After) orelse is_void(Records) of
        true when Now =< Deadline -> {[Request | Accepted], [Framed | Frames], After};
        true -> answer([Request], {error, timeout}), {Accepted, Frames, State};
        false -> answer([Request], {error, full}), {Accepted, Frames, State}
    end.

-spec frame(record(), #state{}) -> {iodata(), #state{}}.
frame({Kind, At, Tail}, #state{next = Seq, size = Size, depth = Depth, bytes = Bytes} = State) ->
    {Data, Length} = mod_foyer_segment:frame(Seq, At, Kind, Tail),
    {Data, State#state{next = Seq + 1, size = Size + Length, depth = Depth + 1,
                       bytes = Bytes + Length}}.

-spec is_void([record()]) -> boolean().
is_void(Records) -> lists:all(fun({Kind, _, _}) -> Kind =:= void end, Records).

-spec is_within_bounds(#state{}) -> boolean().
is_within_bounds(#state{depth = Depth, bytes = Bytes,
                        options = #{max_events := MaxEvents, max_bytes := MaxBytes}}) ->
    Depth =< MaxEvents andalso Bytes =< MaxBytes.

-spec write([iodata()], #state{}) -> ok | {error, atom()}.
write([], _) -> ok;
write(_, #state{fd = undefined}) -> {error, not_open};
write(Frames, #state{fd = Fd, size = Size, options = #{sync := Sync}}) ->
    case file:pwrite(Fd, Size, Frames) of
        ok when Sync -> file:datasync(Fd);
        ok -> ok;
        {error, _} = Error -> Error
    end.

-spec answer([request()], ok | {error, reason()}) -> ok.
answer(Requests, Result) ->
    lists:foreach(fun({append, {_, Ref}, _, _}) -> Ref ! {Ref, Result} end, Requests).

-spec note_written([request()], #state{}, #state{}) -> #state{}.
note_written(Accepted, #state{table = Table, next = From}, After) ->
    Kinds = [Kind || {append, _, _, Records} <- lists:reverse(Accepted), {Kind, _, _} <- Records],
    note_kinds(Table, Kinds, From),
    _ = publish_segment(After),
    _ = ets:update_counter(Table, accepted, length([K || K <- Kinds, K =:= event])),
    call_watcher(Table),
    After.

-spec call_watcher(atom()) -> ok.
call_watcher(Table) ->
    case ets:take(Table, watcher) of
        [{watcher, Pid}] -> Pid ! {?MODULE, more}, ok;
        [] -> ok
    end.

-spec note_kinds(atom(), [mod_foyer_segment:kind()], pos_integer()) -> ok.
note_kinds(_, [], _) -> ok;
note_kinds(Table, [event | Rest], Seq) -> note_kinds(Table, Rest, Seq + 1);
note_kinds(Table, [ping | Rest], Seq) ->
    ets:insert(Table, {last_ping, Seq}),
    note_kinds(Table, Rest, Seq + 1);
note_kinds(Table, [void | Rest], Seq) ->
    ets:insert(Table, {last_void, Seq}),
    note_kinds(Table, Rest, Seq + 1).

%% What a failed write left behind must not come back to life after a restart.
-spec write_failed(atom(), #state{}) -> #state{}.
write_failed(Reason, #state{fd = Fd, size = Size, failed = Failed, dir = Dir} = State) ->
    _ = [?ERROR_MSG("Foyer's spool in ~ts can't be written: ~p", [Dir, Reason]) || not Failed],
    case Fd =:= undefined orelse mod_foyer_segment:cut(Fd, Size) of
        true -> State#state{failed = true};
        ok -> State#state{failed = true};
        {error, _} ->
            _ = file:close(Fd),
            State#state{failed = true, fd = undefined}
    end.

%%%===================================================================
%%% Segments.
%%%===================================================================

-spec ensure_open(#state{}) -> #state{}.
ensure_open(#state{fd = undefined, dir = Dir, next = Next, size = Size} = State) ->
    First = case Size of
                0 -> State#state.first;
                _ -> Next
            end,
    case open_segment(Dir, First) of
        {ok, Fd} -> publish_segment(State#state{fd = Fd, first = First, size = 0});
        {error, _} -> State
    end;
ensure_open(State) -> State.

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

-spec roll(#state{}) -> #state{}.
roll(#state{size = Size} = State) when Size >= ?SEGMENT_BYTES -> new_segment(State);
roll(State) -> State.

-spec new_segment(#state{}) -> #state{}.
new_segment(#state{dir = Dir, fd = Old, next = Next} = State) ->
    case open_segment(Dir, Next) of
        {ok, Fd} ->
            _ = Old =/= undefined andalso file:close(Old),
            publish_segment(State#state{fd = Fd, first = Next, size = 0});
        {error, _} -> State
    end.

-spec publish_segment(#state{}) -> #state{}.
publish_segment(#state{table = Table, first = First, next = Next, dir = Dir, size = Size} = S) ->
    ets:insert(Table, {{segment, First}, Next - 1, mod_foyer_segment:path(Dir, First), Size}),
    S.

%%%===================================================================
%%% Acknowledging.
%%%===================================================================

-spec acknowledge(ack(), #state{}) -> #state{}.
acknowledge(#{cursor := Cursor, entries := Entries, bytes := Bytes} = Ack,
            #state{table = Table, generation = Generation} = State) ->
    _ = ets:update_counter(Table, delivered, maps:get(delivered, Ack)),
    _ = ets:update_counter(Table, rejected, maps:get(rejected, Ack)),
    State1 = State#state{cursor = max(Cursor, State#state.cursor),
                         generation = Generation + 1,
                         depth = max(0, State#state.depth - Entries),
                         bytes = max(0, State#state.bytes - Bytes)},
    drop_segments(tidy(save_cursor(State1))).

-spec save_cursor(#state{}) -> #state{}.
save_cursor(#state{cursor_fd = undefined, dir = Dir} = State) ->
    case file:open(filename:join(Dir, "cursor"), [read, write, raw, binary]) of
        {ok, Fd} -> save_cursor(State#state{cursor_fd = Fd});
        {error, _} -> State
    end;
save_cursor(#state{cursor_fd = Fd, generation = Generation, cursor = Cursor} = State) ->
    case mod_foyer_segment:write_cursor(Fd, Generation, Cursor) of
        ok -> State;
        {error, _} -> _ = file:close(Fd), State#state{cursor_fd = undefined}
    end.

-spec tidy(#state{}) -> #state{}.
tidy(#state{cursor = Next, next = Next, size = Size} = State) when Size >= ?TIDY_BYTES ->
    new_segment(State#state{depth = 0, bytes = 0});
tidy(#state{cursor = Next, next = Next} = State) -> State#state{depth = 0, bytes = 0};
tidy(State) -> State.

-spec drop_segments(#state{}) -> #state{}.
drop_segments(#state{table = Table, cursor = Cursor, first = Active} = State) ->
    case ets:next(Table, {segment, 0}) of
        {segment, First} = Key when First =/= Active ->
            case ets:lookup(Table, Key) of
                [{_, Last, Path, _}] when Last < Cursor ->
                    ets:delete(Table, Key),
                    _ = file:delete(Path),
                    call_watcher(Table),
                    drop_segments(State);
                _ -> State
            end;
        _ -> State
    end.

%%%===================================================================
%%% Starting.
%%%===================================================================

-spec recover(#state{}) -> #state{}.
recover(#state{table = Table, dir = Dir} = State) ->
    #{id := Id, generation := Generation, cursor := Cursor, next := Next, depth := Depth,
      bytes := Bytes, last_ping := Ping, segments := Segments} = mod_foyer_recovery:recover(Dir),
    ets:insert(Table, [{id, Id}, {last_ping, Ping} |
                       [{{segment, First}, Last, Path, Size}
                        || {First, Last, Path, Size} <- Segments]]),
    drop_segments(ensure_open(State#state{generation = Generation, cursor = Cursor, next = Next,
                                          first = Next, depth = Depth, bytes = Bytes})).

%%%===================================================================
%%% Figures for others.
%%%===================================================================

-spec publish(#state{}) -> #state{}.
publish(#state{table = Table, depth = Depth, bytes = Bytes, cursor = Cursor} = State) ->
    #state{options = #{max_events := MaxEvents, max_bytes := MaxBytes}} = State,
    ets:insert(Table, [{depth, Depth}, {bytes, Bytes}, {cursor, Cursor},
                       {full, Depth >= MaxEvents orelse Bytes >= MaxBytes}]),
    State.

%% @doc Of the process and of its table.
-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
