%%%-------------------------------------------------------------------
%%% File    : mod_foyer.erl
%%% Purpose : Website visitors as contacts of their operators: the part inside ejabberd
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer).

-behaviour(gen_mod).

%% gen_mod callbacks
-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
%% ext_mod
-export([pre_uninstall/0]).
%% Hooks
-export([filter_outgoing/1, take_over/1, filter_incoming/1, handed_over/3, stored_offline/1,
         known_contact/4, presence_set/4, presence_unset/4, session_resumed/1]).

%% The list that newer versions take from start/2 isn't in the older one's callback.
-dialyzer(no_behaviours).

-include("logger.hrl").
-include("xmpp.hrl").

-type c2s_acc() :: {stanza() | drop, map()}.
%% What filter_outgoing/1 found, for take_over/1.
-type plan() :: {event, [mod_foyer_spool:record(), ...]} | {once, mod_foyer_seen:key()}.

-define(MODULES, [mod_foyer_accounts, mod_foyer_commands, mod_foyer_courier, mod_foyer_event,
                  mod_foyer_groups, mod_foyer_http, mod_foyer_jid, mod_foyer_json,
                  mod_foyer_options, mod_foyer_presence, mod_foyer_recovery, mod_foyer_redact,
                  mod_foyer_refusal, mod_foyer_results, mod_foyer_seen, mod_foyer_segment,
                  mod_foyer_sign, mod_foyer_spool, mod_foyer_spool_files, mod_foyer_spool_table,
                  mod_foyer_spool_view, mod_foyer_sup, mod_foyer_wall]).

%%%===================================================================
%%% gen_mod callbacks.
%%%===================================================================

-spec start(binary(), gen_mod:opts()) -> ok | {ok, list()} | {error, term()}.
start(Host, Opts) ->
    mod_foyer_redact:install(),
    case mod_foyer_sup:start(Host, Opts) of
        {ok, _} -> register_all(Host);
        {error, _} = Error -> Error
    end.

%% After pre_uninstall/0 it is called once more, and must not load old code again.
-spec stop(binary()) -> ok.
stop(Host) ->
    case gen_mod:is_loaded(Host, ?MODULE) of
        true -> stop_loaded(Host);
        false -> ok
    end.

-spec stop_loaded(binary()) -> ok.
stop_loaded(Host) ->
    _ = returns_registrations() orelse unregister_all(Host),
    mod_foyer_sup:stop(Host),
    _ = gen_mod:is_loaded_elsewhere(Host, ?MODULE) orelse mod_foyer_redact:remove(),
    ok.

-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, #{spool_dir := Dir} = NewOpts, #{spool_dir := OldDir}) ->
    _ = [?WARNING_MSG("spool_dir of mod_foyer changes at the next start of ~ts", [Host])
         || Dir =/= OldDir],
    mod_foyer_sup:configure(Host, NewOpts).

-spec depends(binary(), gen_mod:opts()) -> [{module(), hard | soft}].
depends(_Host, _Opts) ->
    [{mod_shared_roster, hard}, {mod_vcard, hard}, {mod_roster, hard}, {mod_mam, soft},
     {mod_carboncopy, soft}, {mod_stream_mgmt, soft}].

-spec mod_opt_type(atom()) -> econf:validator().
mod_opt_type(Option) -> mod_foyer_options:type(Option).

-spec mod_options(binary()) -> [{atom(), term()}].
mod_options(_Host) -> mod_foyer_options:defaults().

-spec mod_doc() -> mod_foyer_options:doc().
mod_doc() -> mod_foyer_options:doc().

%% ejabberd purges only the module that the package is named after.
-spec pre_uninstall() -> ok.
pre_uninstall() ->
    _ = [catch gen_mod:stop_module(Host, ?MODULE)
         || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, ?MODULE)],
    lists:foreach(fun(Module) -> code:purge(Module), code:delete(Module), code:purge(Module) end,
                  ?MODULES).

%%%===================================================================
%%% Registrations.
%%%===================================================================

%% Early: what is refused is neither archived nor copied. Late: after mod_mam (88, and 500 where
%% it removes its mark) and mod_carboncopy (89).
-spec hooks() -> [{atom(), atom(), integer()}].
hooks() ->
    [{user_send_packet, filter_outgoing, 10},
     {user_send_packet, take_over, 900},
     {sm_receive_packet, filter_incoming, 10},
     {c2s_handle_send, handed_over, 60},
     {offline_message_hook, stored_offline, 90},
     {roster_get_jid_info, known_contact, 40},
     {set_presence_hook, presence_set, 50},
     {unset_presence_hook, presence_unset, 50},
     {c2s_session_resumed, session_resumed, 90}].

%% ejabberd takes a list of registrations, commands among them, since 25.03.
-spec returns_registrations() -> boolean().
returns_registrations() -> erlang:function_exported(ejabberd_commands, register_commands, 3).

-spec register_all(binary()) -> ok | {ok, list()}.
register_all(Host) ->
    case returns_registrations() of
        true ->
            {ok, [{commands, mod_foyer_commands:specs()} |
                  [{hook, Hook, Function, Seq} || {Hook, Function, Seq} <- hooks()]]};
        false ->
            [ejabberd_hooks:add(Hook, Host, ?MODULE, Function, Seq)
             || {Hook, Function, Seq} <- hooks()],
            ejabberd_commands:register_commands(mod_foyer_commands:specs())
    end.

-spec unregister_all(binary()) -> ok.
unregister_all(Host) ->
    [ejabberd_hooks:delete(Hook, Host, ?MODULE, Function, Seq) || {Hook, Function, Seq} <- hooks()],
    case gen_mod:is_loaded_elsewhere(Host, ?MODULE) of
        false -> ejabberd_commands:unregister_commands(mod_foyer_commands:specs());
        true -> ok
    end.

%%%===================================================================
%%% Hooks: stanzas.
%%%===================================================================

%% @doc Refuses what may not be, and finds out what the rest is, before anything is archived.
-spec filter_outgoing(c2s_acc()) -> c2s_acc() | {stop, c2s_acc()}.
filter_outgoing({drop, _} = Acc) -> Acc;
filter_outgoing({Stanza, #{jid := #jid{lserver = Host}} = C2S} = Acc) ->
    case mod_foyer_wall:outgoing(Stanza, context(Host)) of
        pass -> Acc;
        drop -> {stop, {drop, C2S}};
        {refuse, Reason, Text} ->
            refuse(Host, Stanza, mod_foyer_refusal:denial(Reason, Text, Stanza), C2S);
        {once, Key} -> claim(Host, Key, Stanza, C2S);
        {event, ToService} -> plan_event(Host, ToService, Stanza, C2S)
    end;
filter_outgoing(Acc) -> Acc.

%% @doc Does what was planned: the archive and the sender's other clients have had it by now.
-spec take_over(c2s_acc()) -> c2s_acc() | {stop, c2s_acc()}.
take_over({#message{meta = #{mod_foyer := Plan}} = Msg, #{jid := #jid{lserver = Host}} = C2S}) ->
    execute(Plan, Host, xmpp:del_meta(Msg, mod_foyer), C2S);
take_over(Acc) -> Acc.

%% @doc Keeps from visitors what doesn't come from their operators' clients. Our own refusals
%% seem to come from whom the visitor wrote to, and pass.
-spec filter_incoming(stanza() | drop) -> stanza() | drop | {stop, drop}.
filter_incoming(drop) -> drop;
filter_incoming(Stanza) ->
    case xmpp:get_meta(Stanza, mod_foyer, none) of
        bounce -> Stanza;
        _ -> check_incoming(Stanza)
    end.

-spec check_incoming(stanza()) -> stanza() | {stop, drop}.
check_incoming(Stanza) ->
    #jid{lserver = Host} = xmpp:get_to(Stanza),
    case mod_foyer_wall:incoming(Stanza, context(Host)) of
        {refuse, Reason, Text} ->
            ejabberd_router:route_error(Stanza, mod_foyer_refusal:denial(Reason, Text, Stanza)),
            {stop, drop};
        drop -> {stop, drop};
        _ -> Stanza
    end.

-spec context(binary()) -> mod_foyer_wall:context().
context(Host) ->
    #{host => Host,
      service => gen_mod:get_module_opt(Host, ?MODULE, service_account),
      is_operator => fun(LUser, Instance) ->
                             mod_foyer_groups:is_operator(Host, LUser, Instance)
                     end,
      is_any_operator => fun(LUser) -> mod_foyer_groups:instance_of(Host, LUser) =/= none end}.

-spec plan_event(binary(), boolean(), message(), map()) -> {stop, c2s_acc()} | c2s_acc().
plan_event(Host, ToService, Msg, C2S) ->
    Now = erlang:system_time(millisecond),
    Context = #{to_service => ToService, at => mod_foyer_event:timestamp(Now),
                max_body => gen_mod:get_module_opt(Host, ?MODULE, max_body)},
    case records(Msg, Context, Now) of
        {ok, Records} ->
            plan_if_room(mod_foyer_spool_view:has_room(Host), Host, {event, Records}, Msg, C2S);
        ignore -> {stop, {drop, C2S}};
        {refuse, Reason} -> refuse(Host, Msg, mod_foyer_refusal:of_message(Reason, Msg), C2S)
    end.

%% A hook that crashes is passed over, and the stanza would go on to the visitor.
-spec records(message(), mod_foyer_event:context(), integer()) ->
          {ok, [mod_foyer_spool:record(), ...]} | ignore |
          {refuse, mod_foyer_event:refusal() | unreadable}.
records(Msg, Context, Now) ->
    try
        case mod_foyer_event:from_message(Msg, Context) of
            {ok, Events} -> {ok, [{event, Now, mod_foyer_event:tail(Event)} || Event <- Events]};
            Other -> Other
        end
    catch
        Class:_ ->
            ?ERROR_MSG("A message of ~ts couldn't be read: ~p",
                       [jid:encode(xmpp:get_from(Msg)), Class]),
            {refuse, unreadable}
    end.

-spec plan_if_room(boolean(), binary(), plan(), message(), map()) -> {stop, c2s_acc()} | c2s_acc().
plan_if_room(true, _, Plan, Msg, C2S) -> {xmpp:put_meta(Msg, mod_foyer, Plan), C2S};
plan_if_room(false, Host, _, Msg, C2S) ->
    refuse(Host, Msg, mod_foyer_refusal:of_spool(full, Msg), C2S).

%% Only a client's own process routes in our place; others (the admin API) route by themselves.
-spec claim(binary(), mod_foyer_seen:key(), message(), map()) -> {stop, c2s_acc()} | c2s_acc().
claim(Host, Key, Msg, #{sid := _} = C2S) ->
    case mod_foyer_seen:claim(Host, Key) of
        true -> {xmpp:put_meta(Msg, mod_foyer, {once, Key}), C2S};
        false ->
            ?DEBUG("Dropped a repeated stanza of ~ts", [jid:encode(xmpp:get_from(Msg))]),
            {stop, {drop, C2S}}
    end;
claim(_, _, Msg, C2S) -> {Msg, C2S}.

-spec execute(plan(), binary(), message(), map()) -> {stop, c2s_acc()}.
execute({event, Records}, Host, Msg, C2S) ->
    case mod_foyer_spool:append(Host, Records) of
        ok -> {stop, {drop, C2S}};
        {error, Reason} -> refuse(Host, Msg, mod_foyer_refusal:of_spool(Reason, Msg), C2S)
    end;
execute({once, _}, _Host, Msg, C2S) ->
    ejabberd_router:route(Msg),
    {stop, {drop, C2S}}.

%% @doc A visitor's message is remembered over a crash once an operator's connection has it, or the
%% offline storage: what was only on its way then is lost with the VM, and the bridge's repeat of
%% it must go through.
-spec handed_over(map(), stanza() | tuple(), ok | {error, term()}) -> map().
handed_over(#{lserver := Host} = C2S, #message{body = [_ | _]} = Msg, ok) ->
    remember(Host, Msg),
    C2S;
handed_over(C2S, _, _) -> C2S.

-spec stored_offline({atom(), message()}) -> {atom(), message()}.
stored_offline({_, #message{body = [_ | _], to = #jid{lserver = Host}} = Msg} = Acc) ->
    remember(Host, Msg),
    Acc;
stored_offline(Acc) -> Acc.

-spec remember(binary(), message()) -> ok.
remember(Host, #message{from = #jid{lserver = Host}} = Msg) ->
    case mod_foyer_wall:repeatable(Msg, gen_mod:get_module_opt(Host, ?MODULE, service_account)) of
        {true, Key} -> mod_foyer_seen:remember(Host, Key);
        false -> ok
    end;
remember(_, _) -> ok.

-spec refuse(binary(), stanza(), stanza_error(), map()) -> {stop, c2s_acc()}.
refuse(Host, Stanza, Error, C2S) ->
    _ = is_record(Stanza, message) andalso mod_foyer_spool:count_refused(Host),
    ejabberd_router:route_error(xmpp:put_meta(Stanza, mod_foyer, bounce), Error),
    {stop, {drop, C2S}}.

%%%===================================================================
%%% Hooks: presence.
%%%===================================================================

%% @doc Asked for each presence. mod_shared_roster would list all members of all groups for it,
%% which with many visitors is most of what a visitor's login costs.
-spec known_contact(Info, binary(), binary(), jid()) -> Info | {stop, Info} when
      Info :: {atom(), atom(), [binary()]}.
known_contact(Info, LUser, Host, Jid) ->
    case mod_foyer_groups:relation(Host, LUser, Jid) of
        {contact, Labels} -> {stop, {both, none, Labels}};
        stranger -> {stop, Info};
        unknown -> Info
    end.

-spec presence_set(binary(), binary(), binary(), presence()) -> ok.
presence_set(User, Server, _Resource, Presence) ->
    for_person(User, Server, fun(LUser, Host) ->
                                     mod_foyer_presence:announce(Host, LUser, Presence)
                             end).

-spec presence_unset(binary(), binary(), binary(), binary()) -> ok.
presence_unset(User, Server, _Resource, _Status) ->
    for_person(User, Server, fun(LUser, Host) -> mod_foyer_presence:withdraw(Host, LUser) end).

-spec session_resumed(map()) -> map().
session_resumed(#{jid := #jid{luser = LUser, lserver = Host}, pres_last := Presence} = C2S) ->
    for_person(LUser, Host, fun(_, _) -> mod_foyer_presence:announce(Host, LUser, Presence) end),
    C2S;
session_resumed(C2S) -> C2S.

-spec for_person(binary(), binary(), fun((binary(), binary()) -> ok)) -> ok.
for_person(User, Server, Act) ->
    LUser = jid:nodeprep(User),
    case mod_foyer_jid:parse(LUser) of
        none -> Act(LUser, jid:nameprep(Server));
        _ -> ok
    end.
