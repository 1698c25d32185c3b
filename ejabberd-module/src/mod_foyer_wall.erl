%%%-------------------------------------------------------------------
%%% File    : mod_foyer_wall.erl
%%% Purpose : Who may send what to whom (pure, but for the membership it asks for)
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_wall).

-export([outgoing/2, incoming/2, repeatable/2]).

-export_type([verdict/0, context/0]).

-include("xmpp.hrl").

%% `event': an operator speaks to Foyer. `once': route it unless that key was routed before.
%% `redirect': for the service account's session. `drop': nothing to answer to. `refuse': a stanza error with this text.
-type verdict() :: pass | redirect | drop | {event, ToService :: boolean()} |
                   {once, mod_foyer_seen:key()} |
                   {refuse, mod_foyer_refusal:reason(), binary()}.
-type context() :: #{host := binary(), service := binary(),
                     is_operator := fun((binary(), mod_foyer_jid:instance()) -> boolean()),
                     is_any_operator := fun((binary()) -> boolean()),
                     are_apart := fun((jid(), jid()) -> boolean()),
                     are_colleagues := fun((binary(), jid() | undefined) -> boolean()),
                     is_room := fun((jid()) -> boolean()),
                     room_exists := fun((jid()) -> boolean())}.
%% `room': one of Foyer's, or an occupant of it.
-type party() :: {visitor, mod_foyer_jid:instance()} | service | server | local | room | foreign.

-define(NOT_OPERATOR, <<"Only operators of this desk can write here">>).
-define(VISITOR_BOUND, <<"A visitor's account reaches only its operators">>).
-define(VISITOR_FIXED, <<"A visitor's account can't do this">>).
-define(NO_STRANGERS, <<"Not reachable from here">>).
-define(VISITOR_TALKS, <<"A visitor's account sends nothing but chat messages">>).
-define(NO_ROOM, <<"There is no such room any more">>).
%% ejabberd's own words where there is no such account.
-define(NOBODY, <<"User session not found">>).
-define(COLLEAGUES_ONLY, <<"Only operators of the same desk can be invited here">>).
-define(MISSED, <<"Not delivered to the visitor: send it again">>).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc What becomes of a stanza that a client of this host hands in.
-spec outgoing(stanza(), context()) -> verdict().
outgoing(Stanza, Context) ->
    From = xmpp:get_from(Stanza),
    To = xmpp:get_to(Stanza),
    case {party(From, Context), party(To, Context)} of
        {Party, room} -> to_room(Stanza, Party, Context);
        {{visitor, Instance}, Party} -> from_visitor(Stanza, Instance, Party, Context);
        {service, {visitor, _}} -> service_to_visitor(Stanza);
        {service, local} -> once(Stanza);
        {local, {visitor, Instance}} ->
            Is = (maps:get(is_operator, Context))(From#jid.luser, Instance),
            to_foyer(Stanza, Is, false);
        {local, service} when is_record(Stanza, message) ->
            Is = (maps:get(is_any_operator, Context))(From#jid.luser),
            to_foyer(Stanza, Is, true);
        {local, service} when is_record(Stanza, iq) ->
            case mod_foyer_questions:is_for_session(Stanza) of
                true -> redirect;
                false -> pass
            end;
        {local, Party} when Party =:= local; Party =:= foreign -> between(Stanza, Context);
        _ -> pass
    end.

%% @doc What becomes of a stanza that is about to reach an account of this host. Clients of this
%% host have passed {@link outgoing/2}; what is left comes from elsewhere or past the clients.
-spec incoming(stanza(), context()) -> verdict().
incoming(Stanza, Context) ->
    case party(xmpp:get_to(Stanza), Context) of
        {visitor, _} -> into_visitor(Stanza, party(xmpp:get_from(Stanza), Context));
        service -> into_service(Stanza, party(xmpp:get_from(Stanza), Context));
        local ->
            From = party(xmpp:get_from(Stanza), Context),
            case From =:= local orelse From =:= foreign of
                true -> between(Stanza, Context);
                false -> pass
            end;
        _ -> pass
    end.

%%%===================================================================
%%% Visitors sending.
%%%===================================================================

-spec from_visitor(stanza(), mod_foyer_jid:instance(), party(), context()) -> verdict().
from_visitor(#message{type = error} = Msg, Instance, Party, Context) ->
    case reaches(Msg, Instance, Party, Context) of
        true -> pass;
        false -> drop
    end;
from_visitor(#message{} = Msg, Instance, Party, Context) ->
    case {reaches(Msg, Instance, Party, Context), mod_foyer_talk:is_talk(Msg)} of
        {true, true} when Msg#message.type =/= groupchat -> once(Msg);
        {true, _} -> {refuse, not_allowed, ?VISITOR_TALKS};
        {false, _} -> {refuse, forbidden, ?VISITOR_BOUND}
    end;
from_visitor(#presence{type = Type} = Presence, Instance, Party, Context)
  when Type =:= available; Type =:= unavailable ->
    case is_to_self(Presence) orelse reaches(Presence, Instance, Party, Context) of
        true -> pass;
        false -> {refuse, not_allowed, ?VISITOR_BOUND}
    end;
from_visitor(#presence{type = error}, _, _, _) -> drop;
from_visitor(#presence{}, _, _, _) -> {refuse, not_allowed, ?VISITOR_FIXED};
from_visitor(#iq{type = Type} = IQ, Instance, Party, Context)
  when Type =:= result; Type =:= error ->
    case is_home(IQ, Party) orelse reaches(IQ, Instance, Party, Context) of
        true -> pass;
        false -> drop
    end;
from_visitor(#iq{} = IQ, _, Party, _) ->
    case is_home(IQ, Party) of
        true ->
            case mod_foyer_talk:is_question(IQ) of
                true -> pass;
                false -> {refuse, not_allowed, ?VISITOR_FIXED}
            end;
        false -> {refuse, not_allowed, ?VISITOR_BOUND}
    end.

-spec reaches(stanza(), mod_foyer_jid:instance(), party(), context()) -> boolean().
reaches(_, _, service, _) -> true;
reaches(Stanza, Instance, local, #{is_operator := IsOperator}) ->
    #jid{luser = LUser} = xmpp:get_to(Stanza),
    IsOperator(LUser, Instance);
reaches(_, _, _, _) -> false.

-spec is_home(iq(), party()) -> boolean().
is_home(_, server) -> true;
is_home(IQ, _) -> is_to_self(IQ).

%%%===================================================================
%%% Into rooms.
%%%===================================================================

%% Whom a room lets in is the room's to say. A client that comes back to a room
%% that is over would make it anew.
-spec to_room(stanza(), party(), context()) -> verdict().
to_room(#presence{type = available} = Presence, _, #{room_exists := Exists}) ->
    case Exists(xmpp:get_to(Presence)) of
        true -> pass;
        false -> {refuse, not_allowed, ?NO_ROOM}
    end;
to_room(#message{type = groupchat} = Msg, {visitor, _}, _) ->
    case mod_foyer_talk:is_talk(Msg) of
        true -> once(Msg);
        false -> {refuse, not_allowed, ?VISITOR_TALKS}
    end;
to_room(#message{type = groupchat} = Msg, service, _) -> once(Msg);
to_room(#message{type = Type}, {visitor, _}, _) when Type =/= error ->
    {refuse, not_allowed, ?VISITOR_TALKS};
to_room(#iq{type = Type}, {visitor, _}, _) when Type =:= get; Type =:= set ->
    {refuse, not_allowed, ?VISITOR_BOUND};
%% An invitation brings the password: the room itself would send it to anybody.
to_room(#message{type = normal, from = #jid{luser = LUser}} = Msg, local,
        #{are_colleagues := AreColleagues}) ->
    case lists:all(fun(To) -> AreColleagues(LUser, To) end, mod_foyer_rooms:invited(Msg)) of
        true -> pass;
        false -> {refuse, not_allowed, ?COLLEAGUES_ONLY}
    end;
to_room(_, _, _) -> pass.

%%%===================================================================
%%% Everybody else sending.
%%%===================================================================

%% Between people, as far as they are of instances that mustn't know of each other.
-spec between(stanza(), context()) -> verdict().
between(Stanza, #{are_apart := AreApart} = Context) ->
    To = xmpp:get_to(Stanza),
    case AreApart(xmpp:get_from(Stanza), To) of
        true -> keep_apart(Stanza, party(To, Context));
        false -> pass
    end.

%% As if there were no such account. A client that enters a room waits for an answer.
-spec keep_apart(stanza(), party()) -> verdict().
keep_apart(#message{type = error}, _) -> drop;
keep_apart(#iq{type = Type}, _) when Type =:= result; Type =:= error -> drop;
keep_apart(#presence{type = available}, foreign) -> {refuse, forbidden, ?NO_STRANGERS};
keep_apart(#presence{}, _) -> drop;
keep_apart(_, _) -> {refuse, service_unavailable, ?NOBODY}.

-spec service_to_visitor(stanza()) -> verdict().
service_to_visitor(#message{}) -> {refuse, forbidden, ?NOT_OPERATOR};
service_to_visitor(_) -> pass.

-spec to_foyer(stanza(), boolean(), boolean()) -> verdict().
to_foyer(#message{}, true, ToService) -> {event, ToService};
to_foyer(_, true, _) -> pass;
to_foyer(#message{type = error}, false, _) -> drop;
to_foyer(#presence{type = Type}, false, _) when Type =:= unavailable; Type =:= error -> drop;
to_foyer(#iq{type = Type}, false, _) when Type =:= result; Type =:= error -> drop;
to_foyer(_, false, _) -> {refuse, forbidden, ?NOT_OPERATOR}.

%% Only what a person would read twice: chat states, receipts and markers may be repeated.
-spec once(stanza()) -> verdict().
once(#message{id = Id, type = Type, body = [_ | _], from = From})
  when Id =/= <<>>, Type =/= error ->
    {once, {From#jid.luser, Id}};
once(_) -> pass.

%% @doc The key of a message that the bridge sent and may send again.
-spec repeatable(message(), binary()) -> {true, mod_foyer_seen:key()} | false.
repeatable(#message{from = #jid{luser = LUser}} = Msg, Service) ->
    Ours = LUser =:= Service orelse mod_foyer_jid:parse(LUser) =/= none,
    case Ours andalso once(Msg) of
        {once, Key} -> {true, Key};
        _ -> false
    end.

%%%===================================================================
%%% Arriving.
%%%===================================================================

-spec into_visitor(stanza(), party()) -> verdict().
into_visitor(#message{type = error}, From) when From =/= foreign -> pass;
into_visitor(#message{}, server) -> pass;
%% Of its room a visitor's session needs to know how it is itself; the rest the bridge has as events.
into_visitor(#message{}, room) -> drop;
into_visitor(#presence{type = error}, room) -> pass;
into_visitor(#presence{} = Presence, room) ->
    case mod_foyer_rooms:is_own_presence(Presence) of
        true -> pass;
        false -> drop
    end;
into_visitor(#iq{}, room) -> pass;
into_visitor(Stanza, foreign) -> refuse_foreign(Stanza);
%% What passed by outgoing/2 while the module was being loaded anew, or came past the clients.
into_visitor(#message{type = Type, body = [_ | _]}, local) when Type =:= chat; Type =:= normal ->
    {refuse, not_allowed, ?MISSED};
into_visitor(#message{}, _) -> drop;
into_visitor(_, _) -> pass.

-spec into_service(stanza(), party()) -> verdict().
%% What is said in its rooms the bridge has as events.
into_service(#message{type = groupchat}, room) -> drop;
into_service(_, room) -> pass;
into_service(#message{type = Type} = Msg, foreign) when Type =:= error; Type =:= groupchat ->
    from_our_component(Msg);
into_service(#message{} = Msg, foreign) ->
    case from_our_component(Msg) of
        pass -> pass;
        drop -> refuse_foreign(Msg)
    end;
into_service(#message{type = Type, body = [_ | _]}, local) when Type =:= chat; Type =:= normal ->
    {refuse, not_allowed, ?MISSED};
into_service(#message{type = Type}, local) when Type =/= error -> drop;
into_service(_, _) -> pass.

%% The service account sits in rooms of the host's own conference service.
-spec from_our_component(message()) -> pass | drop.
from_our_component(#message{from = #jid{lserver = Server}}) ->
    case ejabberd_router:is_my_route(Server) of
        true -> pass;
        false -> drop
    end.

-spec refuse_foreign(stanza()) -> verdict().
refuse_foreign(#message{type = error}) -> drop;
refuse_foreign(#presence{type = Type}) when Type =/= subscribe -> drop;
refuse_foreign(#iq{type = Type}) when Type =:= result; Type =:= error -> drop;
refuse_foreign(_) -> {refuse, forbidden, ?NO_STRANGERS}.

%%%===================================================================
%%% Names.
%%%===================================================================

-spec party(jid() | undefined, context()) -> party().
party(#jid{lserver = Host, luser = <<>>}, #{host := Host}) -> server;
party(#jid{lserver = Host, luser = Service}, #{host := Host, service := Service}) -> service;
party(#jid{lserver = Host, luser = LUser}, #{host := Host}) ->
    case mod_foyer_jid:parse(LUser) of
        {_, _, Instance} -> {visitor, Instance};
        none -> local
    end;
party(#jid{} = Jid, #{is_room := IsRoom}) ->
    case IsRoom(Jid) of
        true -> room;
        false -> foreign
    end;
party(undefined, _) -> foreign.

-spec is_to_self(stanza()) -> boolean().
is_to_self(Stanza) ->
    #jid{luser = FromUser, lserver = FromServer} = xmpp:get_from(Stanza),
    case xmpp:get_to(Stanza) of
        #jid{luser = FromUser, lserver = FromServer, lresource = <<>>} -> true;
        _ -> false
    end.
