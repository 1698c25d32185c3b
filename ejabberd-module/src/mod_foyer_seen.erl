%%%-------------------------------------------------------------------
%%% File    : mod_foyer_seen.erl
%%% Purpose : Which stanzas of visitors were routed, so that a repeat has no effect
%%%
%%% The bridge sends a stanza again when it doesn't know whether it arrived. A key is claimed in
%%% memory before the stanza is routed, and is in a file once an operator's connection or the
%%% offline storage has it, hence survives `kill -9'. Two files: when the newer holds half of the bound, it
%%% becomes the older one and the one before is deleted.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_seen).

-behaviour(gen_server).

%% API
-export([start_link/3, claim/2, remember/2, size/1, configure/2]).
%% gen_server callbacks
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").

-export_type([key/0, options/0]).

-type key() :: {LUser :: binary(), StanzaId :: binary()}.
-type digest() :: <<_:128>>.
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

%%%===================================================================
%%% API.
%%%===================================================================

-spec start_link(binary(), file:filename(), options()) -> {ok, pid()} | {error, term()}.
start_link(Host, Dir, Options) ->
    Name = name(Host),
    gen_server:start_link({local, Name}, ?MODULE, {Name, Dir, Options}, []).

%% @doc Whether this key is new; from now on it isn't.
-spec claim(binary(), key()) -> boolean().
claim(Host, Key) ->
    try ets:insert_new(name(Host), {digest(Key), erlang:system_time(second)})
    catch error:badarg -> true
    end.

%% @doc Returns when the key is in the file. A file that can't be written costs only the memory
%% over a restart, so the stanza isn't refused.
-spec remember(binary(), key()) -> ok.
remember(Host, Key) ->
    case whereis(name(Host)) of
        undefined -> ok;
        Pid ->
            Ref = erlang:monitor(process, Pid, [{alias, reply_demonitor}]),
            Pid ! {remember, Ref, digest(Key)},
            receive
                {Ref, ok} -> ok;
                {'DOWN', Ref, process, _, _} -> ok
            after ?TIMEOUT ->
                    erlang:demonitor(Ref, [flush]),
                    ok
            end
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
write(Requests, State0) ->
    #state{fd = Fd, offset = Offset} = State = open(turn(State0)),
    Now = erlang:system_time(second),
    Bytes = << <<Now:32, Digest/binary>> || {_, Digest} <- Requests >>,
    Result = case Fd of
                 undefined -> {error, not_open};
                 _ -> file:pwrite(Fd, Offset, Bytes)
             end,
    lists:foreach(fun({Ref, _}) -> Ref ! {Ref, ok} end, Requests),
    note(Result, byte_size(Bytes), State).

-spec note(ok | {error, atom()}, pos_integer(), #state{}) -> #state{}.
note(ok, Bytes, #state{offset = Offset} = State) ->
    State#state{offset = Offset + Bytes, failed = false};
note({error, Reason}, _, #state{failed = Failed, dir = Dir} = State) ->
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

%% The keys from before the file that now becomes the older one.
-spec forget_older(Before :: non_neg_integer(), #state{}) -> #state{}.
forget_older(Before, #state{table = Table, dir = Dir, fd = Fd} = State) ->
    _ = Fd =/= undefined andalso file:close(Fd),
    _ = file:rename(filename:join(Dir, ?NEWER), filename:join(Dir, ?OLDER)),
    ets:select_delete(Table, [{{'_', '$1'}, [{'<', '$1', Before}], [true]}]),
    State#state{fd = undefined, offset = 0}.

%% Says how many whole records the file has and when the first was written.
-spec load(atom(), file:filename(), integer()) ->
          {Bytes :: non_neg_integer(), Since :: non_neg_integer()}.
load(Table, Path, Expired) ->
    case file:read_file(Path) of
        {ok, Bytes} ->
            Rows = [{At, Digest} || <<At:32, Digest:16/binary>> <= Bytes],
            ets:insert(Table, [{Digest, At} || {At, Digest} <- Rows, At > Expired]),
            First = lists:min([erlang:system_time(second) | [At || {At, _} <- Rows]]),
            {length(Rows) * ?RECORD, First};
        {error, _} -> {0, 0}
    end.

-spec digest(key()) -> digest().
digest({LUser, Id}) -> binary:part(crypto:hash(sha256, [LUser, 0, Id]), 0, 16).

-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
