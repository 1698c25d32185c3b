%%%-------------------------------------------------------------------
%%% File    : mod_foyer_presence.erl
%%% Purpose : Which operators are reachable: changes as events, and the snapshot
%%%
%%% The hooks run in the session's own process and send what it announced; here it is kept for
%%% each session, and an operator is what the best of his sessions says. Sessions with a
%%% negative priority take no messages to the bare JID (RFC 6121, 8.5.2.1.1), so they don't make
%%% an operator reachable.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_presence).

-behaviour(gen_server).

%% API
-export([start_link/2, announce/3, withdraw/2, configure/2, name/1]).
%% gen_server callbacks
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2]).

-include("logger.hrl").
-include("xmpp.hrl").

-type session() :: #{show := binary(), status := binary(), priority := integer(),
                     turn := integer()}.
-type summary() :: #{show := binary(), status := binary(), priority := integer(),
                     resources := pos_integer()}.
-record(user, {sessions = #{} :: #{pid() => session()},
               %% What the bridge was told last.
               told = none :: none | {mod_foyer_jid:instance(), summary()}}).

-record(state, {host :: binary(),
                interval :: pos_integer(),
                users = #{} :: #{binary() => #user{}},
                monitors = #{} :: #{pid() => {reference(), binary()}},
                timer :: undefined | reference()}).

%% A resumed stream (XEP-0198) moves to a new process: the old one's end is no departure.
-define(LINGER, 300).

%%%===================================================================
%%% API.
%%%===================================================================

-spec start_link(binary(), Interval :: pos_integer()) -> {ok, pid()} | {error, term()}.
start_link(Host, Interval) ->
    gen_server:start_link({local, name(Host)}, ?MODULE, {Host, Interval}, []).

%% @doc The calling session is available with this presence.
-spec announce(binary(), binary(), presence()) -> ok.
announce(Host, LUser, Presence) ->
    gen_server:cast(name(Host), {announce, LUser, self(), session(Presence)}).

%% @doc The calling session is no longer available.
-spec withdraw(binary(), binary()) -> ok.
withdraw(Host, LUser) -> gen_server:cast(name(Host), {withdraw, LUser, self()}).

-spec configure(binary(), pos_integer()) -> ok.
configure(Host, Interval) -> gen_server:cast(name(Host), {configure, Interval}).

%%%===================================================================
%%% gen_server callbacks.
%%%===================================================================

-spec init(term()) -> {ok, #state{}, {continue, term()}}.
init({Host, Interval}) ->
    {ok, #state{host = Host, interval = Interval}, {continue, adopt}}.

-spec handle_continue(term(), #state{}) -> {noreply, #state{}}.
handle_continue(adopt, #state{host = Host} = State) ->
    Sessions = [{LUser, Pid} || {LUser, _, Resource} <- ejabberd_sm:get_vh_session_list(Host),
                                mod_foyer_jid:parse(LUser) =:= none,
                                Pid <- [ejabberd_sm:get_session_pid(LUser, Host, Resource)],
                                is_pid(Pid), node(Pid) =:= node()],
    {noreply, ping(lists:foldl(fun adopt/2, State, Sessions))}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}}.
%% mod_foyer_snapshot's question: all operators that are reachable over this node.
handle_call(snapshot, _, State) -> {reply, operators(State), State};
handle_call(_, _, State) -> {reply, {error, unknown_request}, State}.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({announce, LUser, Pid, #{priority := Priority}}, State) when Priority < 0 ->
    {noreply, forget(LUser, Pid, State)};
handle_cast({announce, LUser, Pid, Session}, State) ->
    {noreply, tell(LUser, put_session(LUser, Pid, Session, State))};
handle_cast({withdraw, LUser, Pid}, State) -> {noreply, forget(LUser, Pid, State)};
handle_cast({configure, Interval}, State) ->
    {noreply, ping(State#state{interval = Interval})};
handle_cast(_, State) -> {noreply, State}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({'DOWN', _, process, Pid, _}, #state{monitors = Monitors} = State) ->
    _ = maps:is_key(Pid, Monitors) andalso erlang:send_after(?LINGER, self(), {gone, Pid}),
    {noreply, State};
handle_info({gone, Pid}, #state{monitors = Monitors} = State) ->
    case Monitors of
        #{Pid := {_, LUser}} -> {noreply, forget(LUser, Pid, State)};
        _ -> {noreply, State}
    end;
%% A change that is lost is healed by the next snapshot.
handle_info({Ref, {error, Reason}}, State) when is_reference(Ref) ->
    ?WARNING_MSG("Foyer's spool didn't take a presence: ~0p", [Reason]),
    {noreply, State};
handle_info({timeout, Timer, ping}, #state{timer = Timer} = State) -> {noreply, ping(State)};
handle_info(_, State) -> {noreply, State}.

%%%===================================================================
%%% Sessions.
%%%===================================================================

-spec session(presence()) -> session().
session(#presence{show = Show, status = Status, priority = Priority}) ->
    #{show => show(Show), status => mod_foyer_event:status(xmpp:get_text(Status)),
      priority => priority(Priority), turn => erlang:unique_integer([monotonic])}.

-spec show(undefined | atom()) -> binary().
show(undefined) -> <<"available">>;
show(Show) -> atom_to_binary(Show, latin1).

-spec priority(undefined | integer()) -> integer().
priority(undefined) -> 0;
priority(Priority) -> Priority.

%% Sessions from before the module was loaded.
-spec adopt({binary(), pid()}, #state{}) -> #state{}.
adopt({LUser, Pid}, State) ->
    try ejabberd_c2s:get_presence(Pid) of
        #presence{type = available} = Presence ->
            case session(Presence) of
                #{priority := Priority} = Session when Priority >= 0 ->
                    tell(LUser, put_session(LUser, Pid, Session, State));
                _ -> State
            end;
        _ -> State
    catch
        _:_ -> State
    end.

-spec put_session(binary(), pid(), session(), #state{}) -> #state{}.
put_session(LUser, Pid, Session, #state{users = Users} = State) ->
    #user{sessions = Sessions} = User = maps:get(LUser, Users, #user{}),
    User1 = User#user{sessions = Sessions#{Pid => Session}},
    watch(Pid, LUser, State#state{users = Users#{LUser => User1}}).

-spec watch(pid(), binary(), #state{}) -> #state{}.
watch(Pid, _, #state{monitors = Monitors} = State) when is_map_key(Pid, Monitors) -> State;
watch(Pid, LUser, #state{monitors = Monitors} = State) ->
    State#state{monitors = Monitors#{Pid => {erlang:monitor(process, Pid), LUser}}}.

-spec forget(binary(), pid(), #state{}) -> #state{}.
forget(LUser, Pid, #state{users = Users, monitors = Monitors} = State) ->
    State1 = case maps:take(Pid, Monitors) of
                 {{Monitor, _}, Rest} ->
                     erlang:demonitor(Monitor, [flush]),
                     State#state{monitors = Rest};
                 error -> State
             end,
    case Users of
        #{LUser := #user{sessions = Sessions} = User} when is_map_key(Pid, Sessions) ->
            Left = User#user{sessions = maps:remove(Pid, Sessions)},
            tell(LUser, State1#state{users = Users#{LUser => Left}});
        _ -> State1
    end.

-spec summary(#{pid() => session()}) -> summary().
summary(Sessions) ->
    [{_, _, Best} | _] = lists:reverse(lists:sort([{Priority, Turn, S} ||
                                                      #{priority := Priority, turn := Turn} = S
                                                          <- maps:values(Sessions)])),
    (maps:remove(turn, Best))#{resources => maps:size(Sessions)}.

%%%===================================================================
%%% Telling the bridge.
%%%===================================================================

%% Compares with what was told last; only a change of the best session is told.
-spec tell(binary(), #state{}) -> #state{}.
tell(LUser, #state{host = Host} = State) ->
    tell(LUser, fun() -> mod_foyer_groups:instance_of(Host, LUser) end, State).

-spec tell(binary(), fun(() -> {ok, mod_foyer_jid:instance()} | none | error), #state{}) ->
          #state{}.
tell(LUser, InstanceOf, #state{host = Host, users = Users} = State) ->
    #user{sessions = Sessions, told = Told} = User = maps:get(LUser, Users),
    Now = case maps:size(Sessions) of
              0 -> none;
              _ -> current(InstanceOf(), Sessions)
          end,
    case change(Told, Now) of
        none -> ok;
        Change -> offer(Host, event, presence_event(Host, LUser, Told, Now, Change))
    end,
    case maps:size(Sessions) of
        0 -> State#state{users = maps:remove(LUser, Users)};
        _ -> State#state{users = Users#{LUser => User#user{told = Now}}}
    end.

-spec current({ok, mod_foyer_jid:instance()} | none | error, #{pid() => session()}) ->
          none | {mod_foyer_jid:instance(), summary()}.
current({ok, Instance}, Sessions) -> {Instance, summary(Sessions)};
current(_, _) -> none.

-spec change(none | {binary(), summary()}, none | {binary(), summary()}) -> none | binary().
change(none, none) -> none;
change(none, _) -> <<"connected">>;
change(_, none) -> <<"disconnected">>;
change({Instance, Before}, {Instance, Now}) ->
    case maps:remove(resources, Before) =:= maps:remove(resources, Now) of
        true -> none;
        false -> <<"changed">>
    end;
change(_, _) -> <<"changed">>.

-spec presence_event(binary(), binary(), none | {binary(), summary()},
                     none | {binary(), summary()}, binary()) -> mod_foyer_event:event().
presence_event(Host, LUser, {Instance, _}, none, Change) ->
    Gone = #{show => <<"offline">>, status => <<>>, priority => 0, resources => 0},
    event(operator(Host, LUser, Instance, Gone), Change);
presence_event(Host, LUser, _, {Instance, Summary}, Change) ->
    event(operator(Host, LUser, Instance, Summary), Change).

-spec event(mod_foyer_event:operator(), binary()) -> mod_foyer_event:event().
event(Operator, Change) ->
    Now = mod_foyer_event:timestamp(erlang:system_time(millisecond)),
    mod_foyer_event:presence(Operator, Change, Now).

-spec operator(binary(), binary(), mod_foyer_jid:instance(), map()) -> mod_foyer_event:operator().
operator(Host, LUser, Instance, Summary) ->
    Summary#{jid => jid:encode({LUser, Host, <<>>}), instance => Instance}.

%% The snapshot; membership is asked anew, so that who joined or left a group is seen.
-spec ping(#state{}) -> #state{}.
ping(#state{host = Host, interval = Interval, timer = Timer, users = Users} = State) ->
    _ = Timer =/= undefined andalso erlang:cancel_timer(Timer),
    Operators = mod_foyer_groups:operators(Host),
    State1 = lists:foldl(fun(LUser, Acc) ->
                                 tell(LUser, fun() -> maps:find(LUser, Operators) end, Acc)
                         end, State, maps:keys(Users)),
    send_snapshot(ejabberd_cluster:get_nodes(), State1),
    State1#state{timer = erlang:start_timer(Interval, self(), ping)}.

%% Other nodes ask this process while it would wait for them.
-spec send_snapshot([node()], #state{}) -> ok.
send_snapshot(Nodes, #state{host = Host} = State) ->
    Now = mod_foyer_event:timestamp(erlang:system_time(millisecond)),
    case Nodes -- [node()] of
        [] -> offer(Host, ping, mod_foyer_event:ping(operators(State), Now));
        _ -> _ = spawn(fun() -> mod_foyer_snapshot:send(Host, Now) end), ok
    end.

-spec operators(#state{}) -> [mod_foyer_event:operator()].
operators(#state{host = Host, users = Users}) ->
    [operator(Host, LUser, Instance, summary(Sessions))
     || {LUser, #user{told = {Instance, _}, sessions = Sessions}} <- maps:to_list(Users)].

%% Without waiting: others wait for this process.
-spec offer(binary(), event | ping, mod_foyer_event:event()) -> ok.
offer(Host, Kind, Event) ->
    mod_foyer_spool:offer(Host, [{Kind, erlang:system_time(millisecond),
                                  mod_foyer_event:tail(Event)}]).

%% @doc Of the process, on each node.
-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
