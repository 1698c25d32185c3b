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
-export([start_link/3, append/2, offer/2, void/1, id/1, event_id/2, ack/2, count_refused/1,
         configure/2, name/1]).
%% gen_server callbacks
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-export_type([record/0, reason/0, options/0, ack/0]).

-type record() :: {mod_foyer_segment:kind(), AtMilliseconds :: integer(), Tail :: binary()}.
-type reason() :: full | timeout | unavailable | {io, file:posix() | atom()}.
-type options() :: #{max_events := pos_integer(), max_bytes := pos_integer(), sync := boolean()}.
%% `cursor': the first entry that is still needed; the counts are of what has left since the
%% last ack.
-type ack() :: #{cursor := pos_integer(), entries := non_neg_integer(),
                 bytes := non_neg_integer(), delivered := non_neg_integer(),
                 rejected := non_neg_integer()}.
-type result() :: {ok, First :: pos_integer()} | {error, reason()}.
-type request() :: {append, ReplyTo :: reference(), Deadline :: integer(), [record()]}.
%% A request that is being written, and the number of its first record.
-type accepted() :: {request(), First :: pos_integer()}.

-record(state, {table :: atom(),
                options :: options(),
                files :: mod_foyer_spool_files:files(),
                next :: pos_integer(),
                depth = 0 :: non_neg_integer(),
                bytes = 0 :: non_neg_integer(),
                cursor :: pos_integer()}).

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
    case request(Host, Records) of
        {ok, _} -> ok;
        {error, _} = Error -> Error
    end.

%% @doc Doesn't wait: the answer comes as a message `{reference(), {ok, First} | {error, Reason}}'.
-spec offer(binary(), [record(), ...]) -> ok.
offer(Host, Records) ->
    case whereis(name(Host)) of
        undefined -> ok;
        Pid -> send(Pid, erlang:alias([reply]), Records)
    end.

%% @doc Takes a sequence number for an event that is sent past the spool.
-spec void(binary()) -> result().
void(Host) -> request(Host, [{void, erlang:system_time(millisecond), <<>>}]).

-spec request(binary(), [record(), ...]) -> result().
request(Host, Records) ->
    case whereis(name(Host)) of
        undefined -> {error, unavailable};
        Pid ->
            Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
            ok = send(Pid, Ref, Records),
            receive
                {Ref, Result} -> Result;
                {'DOWN', Ref, process, _, _} -> {error, unavailable}
            after ?APPEND_TIMEOUT + 1000 ->
                    erlang:demonitor(Ref, [flush]),
                    %% An answer that came just now counts, and must not stay in the mailbox.
                    receive {Ref, Result} -> Result
                    after 0 -> {error, timeout}
                    end
            end
    end.

-spec send(pid(), reference(), [record(), ...]) -> ok.
send(Pid, Ref, Records) ->
    Deadline = erlang:monotonic_time(millisecond) + ?APPEND_TIMEOUT,
    Pid ! {append, Ref, Deadline, Records},
    ok.

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
    {ok, publish(recover(mod_foyer_spool_table:new(Table), Dir, Options))}.

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
terminate(_Reason, #state{files = Files}) -> mod_foyer_spool_files:close(Files).

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
append_group(Requests, #state{table = Table, options = #{sync := Sync}} = State0) ->
    #state{files = Files} = State = open_segment(State0),
    Dir = mod_foyer_spool_files:dir(Files),
    Now = erlang:monotonic_time(millisecond),
    {Admitted, Frames, After} =
        lists:foldl(fun(Request, Acc) -> admit(Request, Now, Acc) end, {[], [], State}, Requests),
    Accepted = lists:reverse(Admitted),
    case {Accepted, mod_foyer_spool_files:write(lists:reverse(Frames), Sync, Files)} of
        {[], _} -> State;
        {_, {ok, Written}} ->
            mod_foyer_spool_table:note_success(Table, Dir),
            Noted = note_written(Accepted, After#state{files = Written}),
            lists:foreach(fun({Request, First}) -> answer(Request, {ok, First}) end, Accepted),
            Noted;
        {_, {error, Reason}} ->
            mod_foyer_spool_table:note_failure(Table, Dir, Reason),
            Cut = State#state{files = mod_foyer_spool_files:cut_back(Files)},
            lists:foreach(fun({Request, _}) -> answer(Request, {error, {io, Reason}}) end, Accepted),
            Cut
    end.

-spec open_segment(#state{}) -> #state{}.
open_segment(#state{files = Files, next = Next} = State) ->
    Opened = mod_foyer_spool_files:roll(Next, mod_foyer_spool_files:open(Next, Files)),
    publish_segment(State#state{files = Opened}).

%% Who waited too long has been told that it failed: writing it now would double it.
-spec admit(request(), integer(), {[accepted()], [iodata()], #state{}}) ->
          {[accepted()], [iodata()], #state{}}.
admit({append, _, Deadline, Records} = Request, Now, {Accepted, Frames, State}) ->
    {Framed, After} = lists:mapfoldl(fun frame/2, State, Records),
    case is_within_bounds(After) orelse is_void(Records) of
        true when Now =< Deadline ->
            {[{Request, State#state.next} | Accepted], [Framed | Frames], After};
        true -> answer(Request, {error, timeout}), {Accepted, Frames, State};
        false -> answer(Request, {error, full}), {Accepted, Frames, State}
    end.

-spec frame(record(), #state{}) -> {iodata(), #state{}}.
frame({Kind, At, Tail}, #state{next = Seq, depth = Depth, bytes = Bytes} = State) ->
    {Data, Length} = mod_foyer_segment:frame(Seq, At, Kind, Tail),
    {Data, State#state{next = Seq + 1, depth = Depth + 1, bytes = Bytes + Length}}.

-spec is_void([record()]) -> boolean().
is_void(Records) -> lists:all(fun({Kind, _, _}) -> Kind =:= void end, Records).

-spec is_within_bounds(#state{}) -> boolean().
is_within_bounds(#state{depth = Depth, bytes = Bytes,
                        options = #{max_events := MaxEvents, max_bytes := MaxBytes}}) ->
    Depth =< MaxEvents andalso Bytes =< MaxBytes.

-spec answer(request(), result()) -> ok.
answer({append, Ref, _, _}, Result) ->
    Ref ! {Ref, Result},
    ok.

-spec note_written([accepted()], #state{}) -> #state{}.
note_written(Accepted, #state{table = Table} = State) ->
    Kinds = [{Seq, Kind}
             || {{append, _, _, Records}, First} <- Accepted,
                {Seq, {Kind, _, _}} <- lists:zip(lists:seq(First, First + length(Records) - 1),
                                                 Records)],
    State1 = publish_segment(State),
    mod_foyer_spool_table:note_written(Table, Kinds),
    State1.

-spec publish_segment(#state{}) -> #state{}.
publish_segment(#state{table = Table, files = Files, next = Next} = State) ->
    Segment = mod_foyer_spool_files:segment(Next, Files),
    _ = mod_foyer_spool_files:is_open(Files)
        andalso mod_foyer_spool_table:put_segment(Table, Segment),
    State.

%%%===================================================================
%%% Acknowledging.
%%%===================================================================

-spec acknowledge(ack(), #state{}) -> #state{}.
acknowledge(#{cursor := Cursor, entries := Entries, bytes := Bytes} = Ack,
            #state{table = Table, files = Files} = State) ->
    mod_foyer_spool_table:note_settled(Table, maps:get(delivered, Ack), maps:get(rejected, Ack)),
    Furthest = max(Cursor, State#state.cursor),
    State1 = State#state{cursor = Furthest,
                         files = mod_foyer_spool_files:save_cursor(Furthest, Files),
                         depth = max(0, State#state.depth - Entries),
                         bytes = max(0, State#state.bytes - Bytes)},
    drop_segments(tidy(State1)).

-spec tidy(#state{}) -> #state{}.
tidy(#state{cursor = Next, next = Next, files = Files} = State) ->
    publish_segment(State#state{files = mod_foyer_spool_files:tidy(Next, Files),
                                depth = 0, bytes = 0});
tidy(State) -> State.

-spec drop_segments(#state{}) -> #state{}.
drop_segments(#state{table = Table, cursor = Cursor, files = Files} = State) ->
    mod_foyer_spool_table:drop_segments(Table, Cursor, mod_foyer_spool_files:first(Files)),
    State.

%%%===================================================================
%%% Starting.
%%%===================================================================

-spec recover(atom(), file:filename(), options()) -> #state{}.
recover(Table, Dir, Options) ->
    #{id := Id, generation := Generation, cursor := Cursor, next := Next, depth := Depth,
      bytes := Bytes, last_ping := Ping, segments := Segments} = mod_foyer_recovery:recover(Dir),
    mod_foyer_spool_table:recovered(Table, Id, Ping, Segments),
    Files = mod_foyer_spool_files:new(Dir, Generation, Next),
    drop_segments(open_segment(#state{table = Table, options = Options, files = Files,
                                      next = Next, depth = Depth, bytes = Bytes,
                                      cursor = Cursor})).

%%%===================================================================
%%% Figures for others.
%%%===================================================================

-spec publish(#state{}) -> #state{}.
publish(#state{table = Table, depth = Depth, bytes = Bytes, cursor = Cursor} = State) ->
    #state{options = #{max_events := MaxEvents, max_bytes := MaxBytes}} = State,
    mod_foyer_spool_table:publish(
      Table, [{depth, Depth}, {bytes, Bytes}, {cursor, Cursor},
              {full, Depth >= MaxEvents orelse Bytes >= MaxBytes}]),
    State.

%% @doc Of the process and of its table.
-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
