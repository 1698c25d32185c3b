%%%-------------------------------------------------------------------
%%% File    : mod_foyer_courier.erl
%%% Purpose : Carries the spool to the bridge, in order, one request in flight
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_courier).

-behaviour(gen_server).

%% API
-export([start_link/2, info/1, resend/1, pause/1, resume/1, configure/2, target/1, delay/2]).
%% gen_server callbacks
-export([init/1, handle_continue/2, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-include("logger.hrl").

-export_type([options/0]).

-type options() :: #{url := binary() | undefined, secrets := [mod_foyer_sign:sealed()],
                     timeout := pos_integer(), max_events := pos_integer(),
                     max_bytes := pos_integer()}.
-type status() :: running | paused | backoff.
-type entry() :: mod_foyer_segment:entry().

-record(state, {host :: binary(),
                profile :: atom(),
                spool_id :: binary(),
                options :: options(),
                status = running :: status(),
                pending :: mod_foyer_pending:pending(),
                request :: undefined | {reference(), [entry()]},
                limit :: pos_integer(),
                failures = 0 :: non_neg_integer(),
                timer :: undefined | reference(),
                last_error = <<>> :: binary(),
                last_error_at = <<>> :: binary()}).

-define(MIN_DELAY, 500).
-define(MAX_DELAY, 60000).

%%%===================================================================
%%% API.
%%%===================================================================

-spec start_link(binary(), options()) -> {ok, pid()} | {error, term()}.
start_link(Host, Options) ->
    gen_server:start_link({local, name(Host)}, ?MODULE, {Host, Options}, []).

-spec info(binary()) -> #{state := status(), last_error := binary(), last_error_at := binary()}.
info(Host) -> gen_server:call(name(Host), info).

%% @doc Ends a wait: the next attempt is made now.
-spec resend(binary()) -> ok.
resend(Host) -> gen_server:call(name(Host), resend).

%% @doc Until {@link resume/1} or a restart nothing is sent; a request in flight is finished.
-spec pause(binary()) -> ok.
pause(Host) -> gen_server:call(name(Host), pause).

-spec resume(binary()) -> ok.
resume(Host) -> gen_server:call(name(Host), resume).

-spec configure(binary(), options()) -> ok.
configure(Host, Options) -> gen_server:cast(name(Host), {configure, Options}).

%% @doc Where to send, for a request past the spool.
-spec target(binary()) -> {ok, mod_foyer_http:target()} | {error, binary()}.
target(Host) -> gen_server:call(name(Host), target).

%% @doc Milliseconds before the next attempt: between half a second and a bound that doubles
%% with every failure up to a minute.
-spec delay(Failures :: pos_integer(), Random :: float()) -> pos_integer().
delay(Failures, Random) ->
    Bound = min(?MAX_DELAY, ?MIN_DELAY bsl min(Failures, 20)),
    ?MIN_DELAY + round(Random * (Bound - ?MIN_DELAY)).

%%%===================================================================
%%% gen_server callbacks.
%%%===================================================================

-spec init(term()) -> {ok, #state{}, {continue, term()}}.
init({Host, #{max_events := Limit} = Options}) ->
    process_flag(trap_exit, true),
    State = #state{host = Host, profile = gen_mod:get_module_proc(Host, mod_foyer_httpc),
                   spool_id = mod_foyer_spool:id(Host), options = Options, limit = Limit,
                   pending = mod_foyer_pending:new(Host)},
    start_client(State),
    {ok, State, {continue, send}}.

-spec handle_continue(term(), #state{}) -> {noreply, #state{}}.
handle_continue(send, State) -> {noreply, send(State)}.

-spec handle_call(term(), gen_server:from(), #state{}) -> {reply, term(), #state{}}.
handle_call(info, _, #state{status = Status, last_error = Error, last_error_at = At} = State) ->
    {reply, #{state => Status, last_error => Error, last_error_at => At}, State};
handle_call(resend, _, #state{status = backoff} = State) ->
    {reply, ok, send(running(State))};
handle_call(resend, _, State) -> {reply, ok, send(State)};
handle_call(pause, _, State) -> {reply, ok, (cancel_timer(State))#state{status = paused}};
handle_call(resume, _, #state{status = paused} = State) ->
    {reply, ok, send(State#state{status = running})};
handle_call(resume, _, State) -> {reply, ok, State};
handle_call(target, _, State) -> {reply, target_of(State), State};
handle_call(_, _, State) -> {reply, {error, unknown_request}, State}.

-spec handle_cast(term(), #state{}) -> {noreply, #state{}}.
handle_cast({configure, #{max_events := Limit} = Options}, State) ->
    State1 = State#state{options = Options, limit = Limit},
    start_client(State1),
    {noreply, send(running(State1))};
handle_cast(_, State) -> {noreply, State}.

-spec handle_info(term(), #state{}) -> {noreply, #state{}}.
handle_info({http, {Ref, Result}}, #state{request = {Ref, Sent}} = State) ->
    State1 = State#state{request = undefined},
    {noreply, send(handle_answer(mod_foyer_http:answer(Result), Sent, State1))};
handle_info({timeout, Timer, retry}, #state{timer = Timer} = State) ->
    {noreply, send(running(State))};
handle_info({mod_foyer_spool, more}, State) -> {noreply, send(State)};
handle_info(_, State) -> {noreply, State}.

-spec terminate(term(), #state{}) -> ok.
terminate(_Reason, #state{profile = Profile, request = Request, pending = Pending}) ->
    _ = case Request of
            {Ref, _} -> mod_foyer_http:cancel(Profile, Ref);
            undefined -> ok
        end,
    mod_foyer_pending:close(Pending),
    mod_foyer_http:stop(Profile).

%%%===================================================================
%%% Sending.
%%%===================================================================

-spec send(#state{}) -> #state{}.
send(#state{status = running, request = undefined} = State) ->
    case target_of(State) of
        {ok, Target} ->
            Filled = fill(State),
            send_batch(Target, batch(Filled), Filled);
        {error, Text} -> note_error(Text, State)
    end;
send(State) -> State.

-spec send_batch(mod_foyer_http:target(), [entry()], #state{}) -> #state{}.
send_batch(_, [], #state{pending = Pending} = State) ->
    State#state{pending = mod_foyer_pending:acknowledge_skipped(Pending)};
send_batch(Target, Batch, #state{host = Host, spool_id = SpoolId} = State) ->
    Ids = [mod_foyer_spool:event_id(SpoolId, Seq) || #{seq := Seq} <- Batch],
    Events = [[<<"{\"id\":\"">>, Id, <<"\",">>, Tail]
              || {Id, #{tail := Tail}} <- lists:zip(Ids, Batch)],
    Body = mod_foyer_http:envelope(Host, Events),
    case mod_foyer_http:post(Target, mod_foyer_http:batch_id(Ids), {async, Body}) of
        {ok, Ref} when is_reference(Ref) -> State#state{request = {Ref, Batch}};
        {error, Text} -> back_off(Text, none, State)
    end.

-spec fill(#state{}) -> #state{}.
fill(#state{pending = Pending, limit = Limit, options = #{max_bytes := MaxBytes}} = State) ->
    {Damaged, Filled} = mod_foyer_pending:fill(Limit, MaxBytes, Pending),
    note_damage(Damaged, State#state{pending = Filled}).

-spec batch(#state{}) -> [entry()].
batch(#state{pending = Pending, limit = Limit, options = #{max_bytes := MaxBytes}}) ->
    mod_foyer_pending:batch(Limit, MaxBytes, Pending).

%%%===================================================================
%%% The bridge's answer.
%%%===================================================================

-spec handle_answer(mod_foyer_http:answer(), [entry(), ...], #state{}) -> #state{}.
handle_answer({ok, Code, Headers, Body}, Sent, State) when Code >= 200, Code < 300 ->
    case mod_foyer_results:parse(Body) of
        {ok, Results} -> settle(Results, Sent, Headers, State);
        error -> back_off(<<"the answer isn't what was expected">>, Headers, State)
    end;
handle_answer({ok, 413, Headers, _}, [_, _ | _] = Sent, State) ->
    Smaller = max(1, length(Sent) div 2),
    back_off(<<"HTTP 413: the batch is too large">>, Headers, State#state{limit = Smaller});
handle_answer({ok, Code, Headers, Body}, Sent, State) ->
    Text = case mod_foyer_http:explanation(Body) of
               <<>> -> code_text(Code, Sent, State);
               Why -> <<(code_text(Code, Sent, State))/binary, ": ", Why/binary>>
           end,
    back_off(Text, Headers, State);
handle_answer({error, Text}, _, State) -> back_off(Text, none, State).

-spec code_text(pos_integer(), [entry()], #state{}) -> binary().
code_text(Code, [#{seq := Seq}], #state{spool_id = Id}) ->
    <<"HTTP ", (integer_to_binary(Code))/binary, " for event ",
      (mod_foyer_spool:event_id(Id, Seq))/binary>>;
code_text(Code, _, _) -> <<"HTTP ", (integer_to_binary(Code))/binary>>.

-spec settle(mod_foyer_results:results(), [entry(), ...], term(), #state{}) -> #state{}.
settle(Results, Sent, Headers, #state{spool_id = SpoolId, pending = Pending} = State) ->
    {Done, Left, Rejected} = mod_foyer_results:settle(Results, SpoolId, Sent),
    lists:foreach(fun log_rejected/1, Rejected),
    Settled = mod_foyer_pending:settle(Sent, Done, Left, length(Rejected), Pending),
    State1 = State#state{pending = Settled},
    case Done of
        [] -> back_off(<<"the answer settles no event of the batch">>, Headers, State1);
        _ -> grow(State1#state{failures = 0})
    end.

-spec grow(#state{}) -> #state{}.
grow(#state{limit = Limit, options = #{max_events := Max}} = State) ->
    State#state{limit = min(Max, Limit * 2)}.

-spec log_rejected({binary(), binary()}) -> ok.
log_rejected({Id, Code}) -> ?WARNING_MSG("The bridge rejected event ~ts: ~ts", [Id, Code]).

%%%===================================================================
%%% Waiting and saying why.
%%%===================================================================

-spec back_off(binary(), [{string(), string()}] | none, #state{}) -> #state{}.
back_off(Text, Headers, #state{failures = Failures} = State0) ->
    State = cancel_timer(note_error(Text, State0#state{failures = Failures + 1})),
    case State#state.status of
        paused -> State;
        _ ->
            Timer = erlang:start_timer(wait(Headers, Failures + 1), self(), retry),
            State#state{status = backoff, timer = Timer}
    end.

-spec wait([{string(), string()}] | none, pos_integer()) -> non_neg_integer().
wait(none, Failures) -> delay(Failures, rand:uniform());
wait(Headers, Failures) ->
    case mod_foyer_http:retry_after(Headers, calendar:universal_time()) of
        none -> wait(none, Failures);
        Asked -> max(?MIN_DELAY, Asked)
    end.

-spec running(#state{}) -> #state{}.
running(#state{status = backoff} = State) -> (cancel_timer(State))#state{status = running};
running(State) -> State.

-spec cancel_timer(#state{}) -> #state{}.
cancel_timer(#state{timer = undefined} = State) -> State;
cancel_timer(#state{timer = Timer} = State) ->
    _ = erlang:cancel_timer(Timer),
    State#state{timer = undefined}.

-spec note_error(binary(), #state{}) -> #state{}.
note_error(Text, #state{host = Host, last_error = Before, failures = Failures} = State) ->
    _ = [?WARNING_MSG("Foyer's bridge for ~ts: ~ts", [Host, Text])
         || Text =/= Before orelse Failures =:= 1],
    State#state{last_error = Text,
                last_error_at = mod_foyer_event:timestamp(erlang:system_time(millisecond))}.

-spec note_damage(non_neg_integer(), #state{}) -> #state{}.
note_damage(0, State) -> State;
note_damage(Bytes, State) ->
    note_error(<<(integer_to_binary(Bytes))/binary, " bytes of the spool are damaged">>, State).

-spec target_of(#state{}) -> {ok, mod_foyer_http:target()} | {error, binary()}.
target_of(#state{options = #{url := undefined}}) -> {error, <<"hooks_url isn't set">>};
target_of(#state{options = #{secrets := []}}) -> {error, <<"hooks_secrets isn't set">>};
target_of(#state{profile = Profile,
                 options = #{url := Url, secrets := Secrets, timeout := Timeout}}) ->
    {ok, #{profile => Profile, url => Url, secrets => Secrets, timeout => Timeout}}.

-spec start_client(#state{}) -> ok.
start_client(#state{options = #{url := undefined}}) -> ok;
start_client(#state{profile = Profile, options = #{url := Url}}) ->
    mod_foyer_http:start(Profile, Url).

-spec name(binary()) -> atom().
name(Host) -> gen_mod:get_module_proc(Host, ?MODULE).
