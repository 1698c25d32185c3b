%%%-------------------------------------------------------------------
%%% File    : mod_foyer_seen.erl
%%% Purpose : Which stanzas of visitors were routed, so that a repeat has no effect
%%%
%%% The bridge sends a stanza again when it doesn't know whether it arrived. A key is claimed in
%%% memory before the stanza is routed ({@link mod_foyer_once}), and is in a file once an operator's
%%% connection or the offline storage has it, hence survives `kill -9'. Two files: when the newer holds half of the
%%% bound, it becomes the older one and the one before is deleted, in memory too. What is in no
%%% file, since it never arrived or the file can't be written, is bounded by the process itself.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_seen).

-behaviour(gen_server).

%% API
-export([start_link/3, remember/2, size/1, configure/2, name/1, digest/1]).
%% gen_server callbacks
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").

-export_type([key/0, digest/0, row/0, options/0]).

-type key() :: {LUser :: binary(), StanzaId :: binary()}.
-type digest() :: <<_:128>>.
%% In memory; `At' is when it was claimed, then when it was written, as it is in the file.
-type row() :: {digest(), At :: non_neg_integer(), IsWritten :: boolean(), router()}.
%% Who is routing it, then `done'.
-type router() :: pid() | done.
%% `age' in seconds.
-type options() :: #{max := pos_integer(), age := pos_integer()}.

-record(state, {table :: atom(),
                dir :: file:filename(),
                options :: options(),
                fd :: undefined | file:fd(),
                offset = 0 :: non_neg_integer(),
                %% Seconds since the epoch of the newer file's first key.
                since = 0 :: non_neg_integer(),
                failed = false :: boolean()}).

-define(RECORD, 20).
-define(NEWER, "seen.1").
-define(OLDER, "seen.0").
-define(TIMEOUT, 5000).
-define(PURGE_INTERVAL, 60000).

%%%===================================================================
%%% API.
%%%===================================================================

-spec start_link(binary(), file:filename(), options()) -> {ok, pid()} | {error, term()}.
start_link(Host, Dir, Options) ->
    Name = name(Host),
    gen_server:start_link({local, Name}, ?MODULE, {Name, Dir, Options}, []).

%% @doc Returns when the key is in the file; each of an operator's connections asks for it. A file
%% that can't be written costs only the memory over a restart, so the stanza isn't refused.
-spec remember(binary(), key()) -> ok.
remember(Host, Key) ->
    Digest = digest(Key),
    case whereis(name(Host)) of
        undefined -> ok;
        Pid -> is_written(name(Host), Digest) orelse request(Pid, Digest), ok
    end.

-spec request(pid(), digest()) -> ok.
request(Pid, Digest) ->
    Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
    Pid ! {remember, Ref, Digest},
    receive
        {Ref, ok} -> ok;
        {'DOWN', Ref, process, _, _} -> ok
    after ?TIMEOUT ->
            erlang:demonitor(Ref, [flush]),
            %% An answer that came just now must not stay in the caller's mailbox.
            receive {Ref, ok} -> ok after 0 -> ok end
    end.

-spec size(binary()) -> non_neg_integer().
size(Host) ->
    case ets:info(name(Host), size) of
        undefined -> 0;
        Size -> Size
    end.

-spec configure(binary(), options()) -> ok.
configure(Host, Options) -> gen_server:cast(name(Host), {configure, Options}).

%%%===================================================================
%%% gen_server callbacks.
%%%===================================================================

-spec init(term()) -> {ok, #state{}}.
init({Table, Dir, Options}) ->
    process_flag(trap_exit, true),
    Table = ets:new(Table, [named_table, public, {read_concurrency, true}, {write_concurrency, true}]),
    _ = filelib:ensure_dir(filename:join(Dir, ?NEWER)),
    Expired = erlang:system_time(second) - maps:get(age, Options),
    _ = load(Table, filename:join(Dir, ?OLDER), Expired),
    {Bytes, Since} = load(Table, filename:join(Dir, ?NEWER), Expired),
    _ = erlang:send_after(?PURGE_INTERVAL, self(), purge),
    {ok, open(#state{table = Table, dir = Dir, options = Options, offset = Bytes,
                     since = Since})}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}}.
handle_call(_Request, _From, State) -> {reply, {error, unknown_request}, State}.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({configure, Options}, State) -> {noreply, State#state{options = Options}};
handle_cast(_, State) -> {noreply, State}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({remember, Ref, Digest}, State) ->
    {noreply, write(gather([{Ref, Digest}], 1), State)};
handle_info(purge, State) ->
    purge(State),
    _ = erlang:send_after(?PURGE_INTERVAL, self(), purge),
    {noreply, State};
handle_info(_, State) -> {noreply, State}.

-spec terminate(term(), #state{}) -> ok.
terminate(_Reason, #state{fd = undefined}) -> ok;
terminate(_Reason, #state{fd = Fd}) -> file:close(Fd).

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec gather([{reference(), digest()}, ...], pos_integer()) -> [{reference(), digest()}, ...].
gather(Acc, N) when N >= 1000 -> Acc;
gather(Acc, N) ->
    receive {remember, Ref, Digest} -> gather([{Ref, Digest} | Acc], N + 1)
    after 0 -> Acc
    end.

-spec write([{reference(), digest()}, ...], #state{}) -> #state{}.
write(Requests, #state{table = Table} = State0) ->
    State = open(turn(State0)),
    Digests = lists:usort([Digest || {_, Digest} <- Requests, not is_written(Table, Digest)]),
    State1 = append(Digests, erlang:system_time(second), State),
    lists:foreach(fun({Ref, _}) -> Ref ! {Ref, ok} end, Requests),
    State1.

-spec is_written(atom(), digest()) -> boolean().
is_written(Table, Digest) ->
    try ets:lookup(Table, Digest) of
        [{_, _, IsWritten, _}] -> IsWritten;
        [] -> false
    catch error:badarg -> false
    end.

-spec append([digest()], non_neg_integer(), #state{}) -> #state{}.
append([], _, State) -> State;
append(Digests, Now, #state{table = Table, offset = Offset} = State) ->
    Bytes = << <<Now:32, Digest/binary>> || Digest <- Digests >>,
    case pwrite(Bytes, State) of
        ok ->
            lists:foreach(fun(Digest) -> note_written(Table, Digest, Now) end, Digests),
            State#state{offset = Offset + byte_size(Bytes), failed = false};
        {error, Reason} -> note_failure(Reason, State)
    end.

%% Who is routing it may have other connections to hand it to.
-spec note_written(atom(), digest(), non_neg_integer()) -> boolean().
note_written(Table, Digest, Now) ->
    ets:update_element(Table, Digest, [{2, Now}, {3, true}])
        orelse ets:insert(Table, {Digest, Now, true, done}).

-spec pwrite(binary(), #state{}) -> ok | {error, atom()}.
pwrite(_, #state{fd = undefined}) -> {error, not_open};
pwrite(Bytes, #state{fd = Fd, offset = Offset}) -> file:pwrite(Fd, Offset, Bytes).

-spec note_failure(atom(), #state{}) -> #state{}.
note_failure(Reason, #state{failed = Failed, dir = Dir} = State) ->
    _ = [?ERROR_MSG("Can't write ~ts in ~ts: ~p", [?NEWER, Dir, Reason]) || not Failed],
    State#state{failed = true}.

-spec open(#state{}) -> #state{}.
open(#state{fd = undefined, dir = Dir} = State) ->
    Path = filename:join(Dir, ?NEWER),
    case file:open(Path, [read, write, raw, binary]) of
        {ok, Fd} -> _ = file:change_mode(Path, 8#600), State#state{fd = Fd};
        {error, _} -> State
    end;
open(State) -> State.

%% Half of the bound, or half of the age: what is kept is between half and all of either.
-spec turn(#state{}) -> #state{}.
turn(#state{offset = Offset, since = Since, options = #{max := Max, age := Age}} = State) ->
    Now = erlang:system_time(second),
    case Offset > 0 andalso (Offset div ?RECORD >= Max div 2 orelse Now - Since > Age div 2) of
        true -> forget_older(Since, State#state{since = Now});
        false when Offset =:= 0 -> State#state{since = Now};
        false -> State
    end.

%% Keys of the file that goes; of those in no file some may just be on their way.
-spec forget_older(Before :: non_neg_integer(), #state{}) -> #state{}.
forget_older(Before, #state{table = Table, dir = Dir, fd = Fd} = State) ->
    _ = Fd =/= undefined andalso file:close(Fd),
    _ = file:rename(filename:join(Dir, ?NEWER), filename:join(Dir, ?OLDER)),
    _ = ets:select_delete(Table, [{{'_', '$1', true, '_'}, [{'<', '$1', Before}], [true]}]),
    State#state{fd = undefined, offset = 0}.

%% Of what is left the oldest go, written or not: there are never many more than the bound.
-spec purge(#state{}) -> ok.
purge(#state{table = Table, options = #{max := Max, age := Age}}) ->
    Expired = erlang:system_time(second) - Age,
    _ = ets:select_delete(Table, [{{'_', '$1', '_', '_'}, [{'=<', '$1', Expired}], [true]}]),
    case ets:info(Table, size) - Max of
        Excess when Excess > 0 ->
            Rows = [{At, Digest} || {Digest, At, _, _} <- rows(Table)],
            lists:foreach(fun({_, Digest}) -> ets:delete(Table, Digest) end,
                          lists:sublist(lists:sort(Rows), Excess));
        _ -> ok
    end.

-spec rows(atom()) -> [row()].
rows(Table) -> ets:tab2list(Table).

%% Says how many whole records the file has and when the first was written.
-spec load(atom(), file:filename(), integer()) ->
          {Bytes :: non_neg_integer(), Since :: non_neg_integer()}.
load(Table, Path, Expired) ->
    case file:read_file(Path) of
        {ok, Bytes} ->
            Rows = [{At, Digest} || <<At:32, Digest:16/binary>> <= Bytes],
            ets:insert(Table, [{Digest, At, true, done} || {At, Digest} <- Rows, At > Expired]),
            First = lists:min([erlang:system_time(second) | [At || {At, _} <- Rows]]),
            {length(Rows) * ?RECORD, First};
        {error, _} -> {0, 0}
    end.

%% @doc What stands for the key, in memory and in the file.
-spec digest(key()) -> digest().
digest({LUser, Id}) -> binary:part(crypto:hash(sha256, [LUser, 0, Id]), 0, 16).

%% @doc Of the process and of its table, whose rows are {@link row()}.
-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
