%%%-------------------------------------------------------------------
%%% File    : mod_foyer_stanzas.erl
%%% Purpose : What becomes of stanzas on their way through ejabberd
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_stanzas).

-export([filter_outgoing/1, take_over/1, filter_incoming/1, handed_over/3, stored_offline/1]).

-export_type([c2s_acc/0]).

-include("logger.hrl").
-include("xmpp.hrl").

-type c2s_acc() :: {stanza() | drop, map()}.
%% What filter_outgoing/1 found, for take_over/1.
-type plan() :: {event, [mod_foyer_spool:record(), ...]} | {once, mod_foyer_once:ticket()}.

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Refuses what may not be, and finds out what the rest is, before anything is archived.
-spec filter_outgoing(c2s_acc()) -> c2s_acc() | {stop, c2s_acc()}.
filter_outgoing({drop, _} = Acc) -> Acc;
filter_outgoing({Stanza, #{jid := #jid{lserver = Host}} = C2S}) ->
    case mod_foyer_wall:outgoing(Stanza, context(Host)) of
        pass -> pass(Host, Stanza, C2S);
        drop -> {stop, {drop, C2S}};
        {refuse, Reason, Text} ->
            refuse(Host, Stanza, mod_foyer_refusal:denial(Reason, Text, Stanza), C2S);
        redirect -> {mod_foyer_questions:redirect(Stanza), C2S};
        {once, Key} -> plan_once(Host, Key, Stanza, C2S);
        {event, ToService} -> plan_event(Host, ToService, Stanza, C2S)
    end;
filter_outgoing(Acc) -> Acc.

-spec pass(binary(), stanza(), map()) -> {stop, c2s_acc()} | c2s_acc().
pass(Host, Stanza, C2S) ->
    case mod_foyer_rooms:aside(Host, Stanza) of
        ok -> {mod_foyer_rooms:mark(Stanza), C2S};
        {refuse, Error} -> refuse(Host, Stanza, Error, C2S)
    end.

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
    case mod_foyer_rooms:observe(Host, Stanza) of
        ok -> check_incoming(Host, Stanza);
        {refuse, Error} ->
            mod_foyer_spool:count_refused(Host),
            ejabberd_router:route_error(Stanza, Error),
            {stop, drop}
    end.

-spec check_incoming(binary(), stanza()) -> stanza() | {stop, drop}.
check_incoming(Host, Stanza) ->
    Context = context(Host),
    case mod_foyer_wall:incoming(Stanza, Context) of
        {refuse, Reason, Text} ->
            ejabberd_router:route_error(Stanza, mod_foyer_refusal:denial(Reason, Text, Stanza)),
            {stop, drop};
        drop -> {stop, drop};
        _ -> mod_foyer_apart:strip(mod_foyer_questions:restore(Stanza, Context))
    end.

-spec context(binary()) -> mod_foyer_wall:context().
context(Host) ->
    #{host => Host,
      service => gen_mod:get_module_opt(Host, mod_foyer, service_account),
      is_operator => fun(LUser, Instance) ->
                             mod_foyer_groups:is_operator(Host, LUser, Instance)
                     end,
      is_any_operator => fun(LUser) -> mod_foyer_groups:instance_of(Host, LUser) =/= none end,
      are_apart => fun mod_foyer_apart:are/2,
      are_colleagues => fun(LUser, Jid) -> mod_foyer_groups:are_colleagues(Host, LUser, Jid) end,
      is_room => fun(Jid) -> mod_foyer_rooms:is_room(Host, Jid) end,
      room_exists => fun mod_foyer_rooms:exists/1}.

-spec plan_event(binary(), boolean(), message(), map()) -> {stop, c2s_acc()} | c2s_acc().
plan_event(Host, ToService, Msg, C2S) ->
    Now = erlang:system_time(millisecond),
    Context = #{to_service => ToService, at => mod_foyer_event:timestamp(Now),
                max_body => gen_mod:get_module_opt(Host, mod_foyer, max_body)},
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

%% Only a client's own process routes in our place; others (the admin API) route by themselves. A
%% repeat is found out here, before it is archived again, but claimed only when it is routed: until
%% then another hook may drop it, and then its repeat is no repeat.
-spec plan_once(binary(), mod_foyer_seen:key(), message(), map()) -> {stop, c2s_acc()} | c2s_acc().
plan_once(Host, Key, Msg, #{sid := _} = C2S) ->
    case mod_foyer_once:ask(Host, Key) of
        {new, Ticket} -> {xmpp:put_meta(Msg, mod_foyer, {once, Ticket}), C2S};
        repeat ->
            ?DEBUG("Dropped a repeated stanza of ~ts", [jid:encode(xmpp:get_from(Msg))]),
            {stop, {drop, C2S}}
    end;
plan_once(_, _, Msg, C2S) -> {Msg, C2S}.

-spec execute(plan(), binary(), message(), map()) -> {stop, c2s_acc()}.
execute({event, Records}, Host, Msg, C2S) ->
    case mod_foyer_spool:append(Host, Records) of
        ok -> {stop, {drop, C2S}};
        {error, Reason} -> refuse(Host, Msg, mod_foyer_refusal:of_spool(Reason, Msg), C2S)
    end;
execute({once, Ticket}, _, Msg, C2S) ->
    mod_foyer_once:route(Ticket, fun() -> ejabberd_router:route(Msg) end),
    {stop, {drop, C2S}}.

%% @doc A visitor's message is remembered over a crash once an operator's connection has it, or the
%% offline storage: what was only on its way then is lost with the VM, and the bridge's repeat of
%% it must go through.
-spec handed_over(map(), stanza() | tuple(), ok | {error, term()}) -> map().
handed_over(#{lserver := Host} = C2S, #message{body = [_ | _]} = Msg, ok) ->
    _ = [mod_foyer_seen:remember(Host, Key) || {true, Key} <- [repeatable(Host, Msg)]],
    note_taken_out(xmpp:get_meta(Msg, from_offline, false), C2S);
handed_over(C2S, _, _) -> C2S.

%% Mnesia writes its log later: with a `kill -9' before that the message would be gone, and its
%% repeat dropped.
-spec stored_offline({atom(), message()}) -> {atom(), message()}.
stored_offline({Stored, #message{body = [_ | _], to = #jid{lserver = Host}} = Msg} = Acc)
  when Stored =:= offlined; Stored =:= archived ->
    case repeatable(Host, Msg) of
        {true, Key} -> _ = mnesia:sync_log(), mod_foyer_seen:remember(Host, Key);
        false -> ok
    end,
    Acc;
stored_offline(Acc) -> Acc.

%% What waited for a login leaves the storage all at once, before the first of it is handed over.
%% After a `kill -9' it would be there again.
-spec note_taken_out(boolean(), map()) -> map().
note_taken_out(true, #{mod_foyer_taken_out := true} = C2S) -> C2S;
note_taken_out(true, C2S) ->
    _ = mnesia:sync_log(),
    C2S#{mod_foyer_taken_out => true};
note_taken_out(false, C2S) -> maps:remove(mod_foyer_taken_out, C2S).

-spec repeatable(binary(), message()) -> {true, mod_foyer_seen:key()} | false.
repeatable(Host, #message{from = #jid{lserver = Host}} = Msg) ->
    mod_foyer_wall:repeatable(Msg, gen_mod:get_module_opt(Host, mod_foyer, service_account));
repeatable(_, _) -> false.

-spec refuse(binary(), stanza(), stanza_error(), map()) -> {stop, c2s_acc()}.
refuse(Host, Stanza, Error, C2S) ->
    _ = is_record(Stanza, message) andalso mod_foyer_spool:count_refused(Host),
    ejabberd_router:route_error(xmpp:put_meta(Stanza, mod_foyer, bounce), Error),
    {stop, {drop, C2S}}.
