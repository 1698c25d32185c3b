%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_wall_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

an_operator_speaks_to_foyer_test_() ->
    [?_assertEqual({event, false}, out(<<"anna">>, <<"visitor.1">>, message())),
     ?_assertEqual({event, false}, out(<<"anna">>, <<"visitor.1.chat">>, message())),
     ?_assertEqual({event, false}, out(<<"carl.shop">>, <<"visitor.1.shop">>, message())),
     ?_assertEqual({event, true}, out(<<"anna">>, <<"foyer">>, message())),
     ?_assertEqual({event, true}, out(<<"carl.shop">>, <<"foyer">>, message())),
     ?_assertEqual({event, false}, out(<<"anna">>, <<"visitor.1">>, message(groupchat)))].

an_operator_may_ask_a_visitors_client_test_() ->
    [?_assertEqual(pass, out(<<"anna">>, <<"visitor.1">>, iq(get, <<"urn:xmpp:ping">>))),
     ?_assertEqual(pass, out(<<"anna">>, <<"visitor.1">>, #presence{}))].

others_dont_reach_visitors_test_() ->
    [?_assertMatch({refuse, forbidden, _}, out(<<"joe">>, <<"visitor.1">>, Stanza))
     || Stanza <- [message(), iq(get, <<"vcard-temp">>), #presence{type = subscribe}]]
        ++ [?_assertMatch({refuse, forbidden, _}, out(<<"anna">>, <<"visitor.1.shop">>, message())),
            ?_assertMatch({refuse, forbidden, _}, out(<<"carl.shop">>, <<"visitor.1">>, message())),
            ?_assertMatch({refuse, forbidden, _}, out(<<"joe">>, <<"foyer">>, message())),
            ?_assertMatch({refuse, forbidden, _}, out(<<"foyer">>, <<"visitor.1">>, message())),
            ?_assertEqual(drop, out(<<"joe">>, <<"visitor.1">>, message(error))),
            ?_assertEqual(drop, out(<<"joe">>, <<"visitor.1">>, #presence{type = unavailable}))].

what_isnt_ours_passes_test_() ->
    [?_assertEqual(pass, out(<<"anna">>, To, message()))
     || To <- [<<"joe">>, <<"visitorx1">>, <<"visitor.x">>, <<"anna">>]]
        ++ [?_assertEqual(pass, check(message(), jid(<<"anna">>),
                                      jid:make(<<"visitor.1">>, <<"other.server">>)))].

a_visitor_reaches_his_operators_once_test_() ->
    [?_assertEqual({once, {<<"visitor.1">>, <<"m1">>}}, out(<<"visitor.1">>, To, message()))
     || To <- [<<"anna">>, <<"foyer">>]]
        ++ [?_assertEqual(pass, out(<<"visitor.1">>, <<"anna">>, (message())#message{id = <<>>})),
            ?_assertEqual(pass, out(<<"visitor.1">>, <<"anna">>, (message())#message{body = []})),
            ?_assertEqual({once, {<<"foyer">>, <<"m1">>}}, out(<<"foyer">>, <<"anna">>, message()))].

a_visitor_reaches_nobody_else_test_() ->
    [?_assertMatch({refuse, forbidden, _}, out(<<"visitor.1">>, To, message()))
     || To <- [<<"joe">>, <<"visitor.2">>, <<"visitor.1">>, <<"carl.shop">>, <<>>]]
        ++ [?_assertMatch({refuse, _, _}, out(<<"visitor.1">>, <<"anna">>, message(groupchat))),
            ?_assertMatch({refuse, forbidden, _}, check(message(), jid(<<"visitor.1">>),
                                                        jid:make(<<"anna">>, <<"other.server">>))),
            ?_assertMatch({refuse, _, _}, check(#presence{}, jid(<<"visitor.1">>),
                                                jid:make(<<"room">>, <<"conference.localhost">>)))].

a_visitor_sends_nothing_but_chat_test_() ->
    Talk = [<<"http://jabber.org/protocol/chatstates">>, <<"urn:xmpp:receipts">>, <<"urn:xmpp:hints">>,
            <<"urn:xmpp:chat-markers:0">>, <<"urn:xmpp:sid:0">>,
            <<"urn:xmpp:message-correct:0">>, <<"urn:xmpp:message-retract:1">>,
            <<"urn:xmpp:fallback:0">>, <<"urn:xmpp:rtt:0">>],
    Other = [<<"urn:xmpp:carbons:2">>, <<"urn:xmpp:mam:2">>, <<"jabber:x:conference">>,
             <<"http://jabber.org/protocol/muc#user">>, <<"urn:xmpp:jingle-message:0">>],
    [?_assertMatch({once, _}, out(<<"visitor.1">>, <<"anna">>, message(normal))),
     ?_assertMatch({once, _}, out(<<"visitor.1">>, <<"anna">>, with(Talk))),
     ?_assertMatch({refuse, not_allowed, _}, out(<<"visitor.1">>, <<"anna">>, message(headline))),
     ?_assertEqual(pass, out(<<"visitor.1">>, <<"anna">>, message(error))),
     ?_assertEqual(drop, out(<<"visitor.1">>, <<"joe">>, message(error)))]
        ++ [?_assertMatch({refuse, not_allowed, _}, out(<<"visitor.1">>, <<"anna">>, with([Ns | Talk])))
            || Ns <- Other].

a_visitor_has_no_subscriptions_test_() ->
    [?_assertMatch({refuse, not_allowed, _}, out(<<"visitor.1">>, <<"anna">>, #presence{type = Type}))
     || Type <- [subscribe, subscribed, unsubscribe, unsubscribed, probe]]
        ++ [?_assertEqual(pass, out(<<"visitor.1">>, <<"visitor.1">>, #presence{type = Type}))
            || Type <- [available, unavailable]]
        ++ [?_assertEqual(pass, out(<<"visitor.1">>, <<"anna">>, #presence{}))].

a_visitor_asks_the_server_only_what_a_session_needs_test_() ->
    [?_assertEqual(pass, out(<<"visitor.1">>, To, iq(Type, Ns)))
     || To <- [<<>>, <<"visitor.1">>],
        {Type, Ns} <- [{get, <<"urn:xmpp:ping">>}, {get, <<"jabber:iq:roster">>},
                       {get, <<"http://jabber.org/protocol/disco#info">>},
                       {set, <<"urn:ietf:params:xml:ns:xmpp-session">>}]]
        ++ [?_assertMatch({refuse, not_allowed, _}, out(<<"visitor.1">>, To, iq(Type, Ns)))
            || To <- [<<>>, <<"visitor.1">>],
               {Type, Ns} <- [{set, <<"jabber:iq:roster">>}, {set, <<"vcard-temp">>},
                              {set, <<"jabber:iq:register">>}, {get, <<"jabber:iq:register">>},
                              {set, <<"http://jabber.org/protocol/commands">>},
                              {set, <<"http://jabber.org/protocol/pubsub">>},
                              {get, <<"http://jabber.org/protocol/disco#items">>},
                              {set, <<"jabber:iq:private">>}, {set, <<"urn:xmpp:mam:2">>},
                              {set, <<"urn:xmpp:blocking">>}, {get, <<"urn:xmpp:http:upload:0">>}]]
        ++ [?_assertMatch({refuse, not_allowed, _},
                          out(<<"visitor.1">>, To, iq(Type, <<"vcard-temp">>)))
            || To <- [<<"anna">>, <<"foyer">>, <<"joe">>, <<"visitor.2">>], Type <- [get, set]]
        ++ [?_assertEqual(pass, out(<<"visitor.1">>, <<"anna">>, iq(result, <<"jabber:iq:version">>))),
            ?_assertEqual(drop, out(<<"visitor.1">>, <<"joe">>, iq(result, <<"jabber:iq:version">>)))].

nothing_from_other_servers_arrives_test_() ->
    Far = jid:make(<<"anna">>, <<"other.server">>),
    [?_assertMatch({refuse, forbidden, _}, arrive(Stanza, Far, <<"visitor.1">>))
     || Stanza <- [message(), iq(get, <<"vcard-temp">>), #presence{type = subscribe}]]
        ++ [?_assertEqual(drop, arrive(Stanza, Far, <<"visitor.1">>))
            || Stanza <- [message(error), iq(result, <<"x">>), #presence{}]]
        ++ [?_assertEqual(pass, arrive(message(), Far, <<"anna">>))].

only_clients_bring_messages_test_() ->
    [?_assertMatch({refuse, not_allowed, _}, arrive(message(), jid(<<"anna">>), To))
     || To <- [<<"visitor.1">>, <<"foyer">>]] ++
    [?_assertEqual(drop, arrive((message())#message{body = []}, jid(<<"anna">>), <<"visitor.1">>)),
     ?_assertEqual(drop, arrive(message(), jid(<<"visitor.2">>), <<"visitor.1">>)),
     ?_assertEqual(pass, arrive(message(), jid(<<"visitor.1">>), <<"foyer">>)),
     ?_assertEqual(pass, arrive(message(error), jid(<<"anna">>), <<"visitor.1">>)),
     ?_assertEqual(pass, arrive(iq(get, <<"urn:xmpp:ping">>), jid(<<"anna">>), <<"visitor.1">>)),
     ?_assertEqual(pass, arrive(#presence{}, jid(<<"anna">>), <<"visitor.1">>)),
     ?_assertEqual(pass, arrive(message(), jid(<<>>), <<"visitor.1">>))].

a_visitor_takes_part_in_foyers_rooms_test_() ->
    [?_assertEqual(pass, into_room(<<"visitor.1">>, Stanza))
     || Stanza <- [#presence{}, #presence{type = unavailable}, iq(result, <<"urn:xmpp:ping">>)]]
        ++ [?_assertEqual({once, {<<"visitor.1">>, <<"m1">>}},
                          into_room(<<"visitor.1">>, message(groupchat))),
            ?_assertEqual({once, {<<"foyer">>, <<"m1">>}},
                          into_room(<<"foyer">>, message(groupchat))),
            ?_assertEqual(pass, into_room(<<"anna">>, message(groupchat)))]
        ++ [?_assertMatch({refuse, not_allowed, _}, into_room(<<"visitor.1">>, Stanza))
            || Stanza <- [message(), iq(get, <<"vcard-temp">>), iq(set, <<"x">>),
                          (with([<<"http://jabber.org/protocol/muc#user">>]))
                          #message{type = groupchat}]].

people_of_two_instances_are_strangers_test_() ->
    Gone = [message(), iq(get, <<"vcard-temp">>), iq(set, <<"x">>)],
    Silent = [message(error), #presence{}, #presence{type = subscribe}, #iq{type = result}],
    [?_assertMatch({refuse, service_unavailable, _}, out(From, To, Stanza))
     || {From, To} <- strangers(), Stanza <- Gone]
        ++ [?_assertEqual(drop, out(From, To, Stanza))
            || {From, To} <- strangers(), Stanza <- Silent]
        ++ [?_assertMatch({refuse, service_unavailable, _}, arrive(Stanza, jid(From), To))
            || {From, To} <- strangers(), Stanza <- Gone]
        ++ [?_assertEqual(drop, arrive(Stanza, jid(From), To))
            || {From, To} <- strangers(), Stanza <- Silent]
        ++ [?_assertEqual(pass, Verdict)
            || {From, To} <- [{<<"carl.shop">>, <<"dora.shop">>}, {<<"anna">>, <<"joe">>}],
               Stanza <- Gone ++ Silent,
               Verdict <- [out(From, To, Stanza), arrive(Stanza, jid(From), To)]].

strangers() ->
    [{<<"anna">>, <<"carl.shop">>}, {<<"carl.shop">>, <<"anna">>}, {<<"carl.shop">>, <<"joe">>},
     {<<"carl.shop">>, <<"eve.two">>}].

a_room_of_another_instance_lets_nobody_in_test_() ->
    Room = fun(Name) -> jid:make(Name, <<"conference.localhost">>, <<"nick">>) end,
    [?_assertMatch({refuse, forbidden, _}, check(#presence{}, jid(<<"carl.shop">>), Room(Name)))
     || Name <- [<<"sales">>, <<"sales.two">>]]
        ++ [?_assertEqual(pass, check(#presence{}, jid(<<"carl.shop">>), Room(<<"sales.shop">>))),
            ?_assertEqual(pass, check(#presence{}, jid(<<"anna">>), Room(<<"sales">>))),
            ?_assertMatch({refuse, _, _}, check(#presence{}, jid(<<"anna">>), Room(<<"sales.shop">>))),
            ?_assertMatch({refuse, _, _}, arrive(message(), Room(<<"sales.two">>), <<"carl.shop">>))].

a_room_that_is_over_is_not_made_anew_test_() ->
    Room = jid:make(<<"foyer-over">>, <<"conference.localhost">>, <<"nick">>),
    [?_assertMatch({refuse, not_allowed, _}, check(#presence{}, jid(From), Room))
     || From <- [<<"anna">>, <<"visitor.1">>, <<"foyer">>]]
        ++ [?_assertEqual(pass, check(#presence{type = unavailable}, jid(<<"anna">>), Room))].

a_visitor_hears_of_its_room_only_how_it_is_itself_test_() ->
    Room = jid:make(<<"foyer-1">>, <<"conference.localhost">>, <<"nick">>),
    Own = #presence{sub_els = [#muc_user{status_codes = [110]}]},
    [?_assertEqual(pass, arrive(Stanza, Room, <<"visitor.1">>))
     || Stanza <- [Own, #presence{type = error}, message(error)]]
        ++ [?_assertEqual(drop, arrive(Stanza, Room, <<"visitor.1">>))
            || Stanza <- [#presence{sub_els = [#muc_user{}]}, #presence{}, message(),
                          message(groupchat)]]
        ++ [?_assertEqual(drop, arrive(message(groupchat), Room, <<"foyer">>)),
            ?_assertEqual(pass, arrive(message(groupchat), Room, <<"anna">>))].

into_room(From, Stanza) ->
    check(Stanza, jid(From), jid:make(<<"foyer-1">>, <<"conference.localhost">>)).

out(From, To, Stanza) -> check(Stanza, jid(From), jid(To)).

check(Stanza, From, To) -> mod_foyer_wall:outgoing(xmpp:set_from_to(Stanza, From, To), context()).

arrive(Stanza, From, To) ->
    mod_foyer_wall:incoming(xmpp:set_from_to(Stanza, From, jid(To)), context()).

jid(LUser) -> jid:make(LUser, <<"localhost">>).

message() -> message(chat).

message(Type) -> #message{type = Type, id = <<"m1">>, body = [#text{data = <<"Hi">>}]}.

with(Namespaces) ->
    (message())#message{sub_els = [#xmlel{name = <<"x">>, attrs = [{<<"xmlns">>, Ns}]}
                                   || Ns <- Namespaces]}.

iq(Type, Ns) ->
    #iq{type = Type, id = <<"i1">>,
        sub_els = [#xmlel{name = <<"query">>, attrs = [{<<"xmlns">>, Ns}]}]}.

context() ->
    Members = [{<<"anna">>, <<"main">>}, {<<"carl.shop">>, <<"shop">>}],
    #{host => <<"localhost">>, service => <<"foyer">>,
      is_operator => fun(LUser, Instance) -> lists:member({LUser, Instance}, Members) end,
      is_any_operator => fun(LUser) -> lists:keymember(LUser, 1, Members) end,
      are_apart => fun(#jid{luser = From}, #jid{luser = To}) -> home(From) =/= home(To) end,
      are_colleagues => fun(LUser, #jid{luser = Other}) ->
                                lists:keyfind(LUser, 1, Members) =/= false andalso
                                    element(2, lists:keyfind(LUser, 1, Members)) =:=
                                    proplists:get_value(Other, Members)
                        end,
      is_room => fun(#jid{luser = LUser, lserver = LServer}) ->
                         LServer =:= <<"conference.localhost">>
                             andalso lists:member(LUser, [<<"foyer-1">>, <<"foyer-over">>])
                 end,
      room_exists => fun(#jid{luser = LUser}) -> LUser =:= <<"foyer-1">> end}.

home(LUser) ->
    case mod_foyer_jid:instance_suffix(LUser) of
        Instance when Instance =:= <<"shop">>; Instance =:= <<"two">> -> Instance;
        _ -> nobody
    end.
