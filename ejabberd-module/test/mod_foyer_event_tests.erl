%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_event_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(AT, <<"2026-11-21T03:50:00.123Z">>).

says_what_a_message_says_test() ->
    {ok, [Event]} = events(<<"<body>Hi</body>">>),
    ?assertEqual(#{kind => <<"message">>, at => ?AT, from => <<"anna@localhost/PC">>,
                   to => <<"visitor.1@localhost">>, to_service => false, stanza_id => <<"m1">>,
                   type => <<"chat">>, body => <<"Hi">>, receipt_requested => false,
                   markable => false}, Event).

keeps_all_that_rides_on_a_message_test() ->
    {ok, [Event]} = events(<<"<body>Hi</body><request xmlns='urn:xmpp:receipts'/>"
                             "<markable xmlns='urn:xmpp:chat-markers:0'/>"
                             "<active xmlns='http://jabber.org/protocol/chatstates'/>"
                             "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>"
                             "<origin-id xmlns='urn:xmpp:sid:0' id='o1'/>"
                             "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>"
                             "<unstyled xmlns='urn:xmpp:styling:0'/>">>),
    ?assertMatch(#{receipt_requested := true, markable := true, chat_state := <<"active">>,
                   unstyled := true,
                   replaces := <<"m0">>, origin_id := <<"o1">>,
                   delayed_at := <<"2026-01-01T00:00:00Z">>}, Event).

takes_a_retraction_without_its_words_test_() ->
    Now = <<"<retract xmlns='urn:xmpp:message-retract:1' id='m0'/>">>,
    Old = <<"<apply-to xmlns='urn:xmpp:fasten:0' id='m0'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>">>,
    [?_test(begin
                {ok, [Event]} = events(<<How/binary, Body/binary>>),
                ?assertMatch(#{kind := <<"message">>, retracts := <<"m0">>}, Event),
                ?assertNot(maps:is_key(body, Event))
            end) || How <- [Now, Old], Body <- [<<>>, <<"<body>This message was retracted.</body>">>]].

says_what_was_said_in_a_room_test() ->
    Place = #{room => <<"foyer-1@conference.localhost">>, jid => <<"anna@localhost/PC">>,
              nick => <<"Anna">>, private => false},
    Context = #{at => ?AT, max_body => 10},
    Msg = #message{type = groupchat, id = <<"m1">>, body = [#text{data = <<"Hi">>}]},
    Base = Place#{at => ?AT, kind => <<"room_message">>, stanza_id => <<"m1">>, body => <<"Hi">>},
    ?assertEqual({ok, [Base]}, mod_foyer_event:from_room(Msg, Place, Context)),
    ?assertEqual({ok, [Place#{at => ?AT, kind => <<"room_subject">>, subject => <<"Help">>}]},
                 mod_foyer_event:from_room(Msg#message{body = [], subject = [#text{data = <<"Help">>}]},
                                           Place, Context)),
    ?assertEqual(ignore, mod_foyer_event:from_room(Msg#message{body = []}, Place, Context)),
    ?assertEqual({refuse, {too_long, 10}},
                 mod_foyer_event:from_room(Msg#message{body = [#text{data = <<"12345678901">>}]},
                                           Place, Context)),
    {ok, [Secret]} = mod_foyer_event:from_room(
                       Msg#message{sub_els = [#xmlel{name = <<"encrypted">>,
                                                     attrs = [{<<"xmlns">>, <<"urn:xmpp:omemo:2">>}]}]},
                       Place, Context),
    ?assertMatch(#{encrypted := <<"omemo">>}, Secret),
    ?assertNot(maps:is_key(body, Secret)).

prefers_the_body_without_language_test() ->
    {ok, [Event]} = events(<<"<body xml:lang='de'>Hallo</body><body>Hi</body>">>),
    ?assertMatch(#{body := <<"Hi">>,
                   bodies := [#{lang := <<"de">>, text := <<"Hallo">>},
                              #{lang := <<>>, text := <<"Hi">>}]}, Event),
    ?assertNot(maps:is_key(lang, Event)).

takes_the_first_of_several_languages_test() ->
    {ok, [Event]} = events(<<"<body xml:lang='de'>Hallo</body><body xml:lang='fr'>Salut</body>">>),
    ?assertMatch(#{body := <<"Hallo">>, lang := <<"de">>, bodies := [_, _]}, Event).

makes_events_of_signals_without_text_test_() ->
    Chatstate = <<"http://jabber.org/protocol/chatstates">>,
    [{binary_to_list(Name),
      ?_assertMatch({ok, [#{kind := <<"chat_state">>, state := Name}]},
                    events(<<"<", Name/binary, " xmlns='", Chatstate/binary, "'/>">>))}
     || Name <- [<<"active">>, <<"composing">>, <<"paused">>, <<"inactive">>, <<"gone">>]]
        ++ [?_assertMatch({ok, [#{kind := <<"receipt">>, message_id := <<"x">>}]},
                          events(<<"<received xmlns='urn:xmpp:receipts' id='x'/>">>)),
            ?_assertMatch({ok, [#{kind := <<"marker">>, marker := <<"displayed">>,
                                  message_id := <<"x">>}]},
                          events(<<"<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>">>)),
            ?_assertMatch({ok, [#{kind := <<"chat_state">>}, #{kind := <<"marker">>}]},
                          events(<<"<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>"
                                   "<active xmlns='http://jabber.org/protocol/chatstates'/>">>))].

ignores_what_says_nothing_test_() ->
    [{binary_to_list(Children), ?_assertEqual(ignore, events(Children))}
     || Children <- [<<>>, <<"<body/>">>, <<"<body> \n\t </body>">>,
                     <<"<body>&#160;&#8195;&#8203;</body>">>, <<"<subject>x</subject>">>,
                     <<"<thread>1</thread>">>, <<"<received xmlns='urn:xmpp:receipts'/>">>,
                     <<"<received xmlns='urn:xmpp:chat-markers:0' id='x'/>">>,
                     <<"<nonsense xmlns='http://jabber.org/protocol/chatstates'/>">>]]
        ++ [?_assertEqual(ignore, events(Type, <<"<body>x</body>">>))
            || Type <- [<<"error">>, <<"headline">>]].

reads_a_chat_state_beside_a_blank_body_test() ->
    ?assertMatch({ok, [#{kind := <<"chat_state">>}]},
                 events(<<"<body> </body>"
                          "<active xmlns='http://jabber.org/protocol/chatstates'/>">>)).

names_the_encryption_and_hides_the_fallback_test_() ->
    [{binary_to_list(Scheme),
      fun() ->
              {ok, [Event]} = events(<<"<body>fallback</body>", Children/binary>>),
              ?assertEqual(Scheme, maps:get(encrypted, Event)),
              ?assertNot(maps:is_key(body, Event))
      end}
     || {Scheme, Children} <-
            [{<<"omemo">>, <<"<encrypted xmlns='eu.siacs.conversations.axolotl'/>">>},
             {<<"omemo">>, <<"<encrypted xmlns='urn:xmpp:omemo:2'/>">>},
             {<<"pgp">>, <<"<x xmlns='jabber:x:encrypted'>abc</x>">>},
             {<<"ox">>, <<"<openpgp xmlns='urn:xmpp:openpgp:0'>abc</openpgp>">>},
             {<<"otr">>, <<"<encryption xmlns='urn:xmpp:eme:0' namespace='urn:xmpp:otr:0'/>">>},
             {<<"other">>, <<"<encryption xmlns='urn:xmpp:eme:0' namespace='urn:new'/>">>}]].

knows_otr_by_its_text_test() ->
    {ok, [Event]} = events(<<"<body>?OTRv23? please encrypt</body>">>),
    ?assertMatch(#{encrypted := <<"otr">>}, Event),
    ?assertNot(maps:is_key(body, Event)).

names_the_limit_of_a_text_that_is_too_long_test() ->
    Fits = binary:copy(<<"ä"/utf8>>, 50),
    ?assertMatch({ok, _}, events(<<"<body>", Fits/binary, "</body>">>)),
    ?assertEqual({refuse, {too_long, 100}}, events(<<"<body>", Fits/binary, "x</body>">>)),
    ?assertEqual({refuse, {too_long, 100}},
                 events(<<"<body>", Fits/binary, "</body><body xml:lang='de'>x</body>">>)).

refuses_ids_that_are_too_long_test() ->
    Long = binary:copy(<<"x">>, 1025),
    ?assertEqual({refuse, long_id},
                 events(<<"<received xmlns='urn:xmpp:receipts' id='", Long/binary, "'/>">>)).

refuses_a_room_message_test() ->
    ?assertEqual({refuse, groupchat}, events(<<"groupchat">>, <<"<body>x</body>">>)).

survives_text_that_needs_escaping_test() ->
    {ok, [Event]} = events(<<"<body>&lt;b&gt; &amp; \" \\ ' &#10;&#9;😀</body>"/utf8>>),
    Json = <<"{", (mod_foyer_event:tail(Event))/binary>>,
    ?assertMatch({ok, #{<<"body">> := <<"<b> & \" \\ ' \n\t😀"/utf8>>}}, mod_foyer_json:decode(Json)).

cuts_a_status_by_code_points_test_() ->
    Accent = <<"\x{301}"/utf8>>,
    [?_assertEqual(Expected, mod_foyer_event:status(Status))
     || {Status, Expected} <-
            [{<<>>, <<>>},
             {<<"Käse 😀"/utf8>>, <<"Käse 😀"/utf8>>},
             {binary:copy(<<"😀"/utf8>>, 1001), binary:copy(<<"😀"/utf8>>, 1000)},
             {<<"e", (binary:copy(Accent, 20000))/binary>>,
              <<"e", (binary:copy(Accent, 999))/binary>>}]].

puts_milliseconds_into_timestamps_test() ->
    ?assertEqual(<<"1970-01-01T00:00:00.007Z">>, mod_foyer_event:timestamp(7)),
    ?assertEqual(?AT, mod_foyer_event:timestamp(1795233000123)).

events(Children) -> events(<<"chat">>, Children).

events(Type, Children) ->
    Xml = <<"<message xmlns='jabber:client' from='Anna@LOCALHOST/PC' to='Visitor.1@localhost/web'"
            " type='", Type/binary, "' id='m1'>", Children/binary, "</message>">>,
    Msg = xmpp:decode(fxml_stream:parse_element(Xml), ?NS_CLIENT, [ignore_els]),
    mod_foyer_event:from_message(Msg, #{to_service => false, max_body => 100, at => ?AT}).
