%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_questions_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"localhost">>).
-define(CONTEXT, #{host => ?HOST, service => <<"foyer">>}).

takes_what_the_bridge_answers_test_() ->
    [?_assert(mod_foyer_questions:is_for_session(question(Type, Ns, <<>>)))
     || {Type, Ns} <- [{get, ?NS_DISCO_INFO}, {get, ?NS_DISCO_ITEMS}, {set, ?NS_COMMANDS}]]
        ++ [?_assertNot(mod_foyer_questions:is_for_session(Other))
            || Other <- [question(get, <<"vcard-temp">>, <<>>), question(get, ?NS_DISCO_INFO, <<"x">>),
                         question(result, ?NS_DISCO_INFO, <<>>), #iq{type = get, to = jid(<<>>)}]].

brings_the_answer_back_from_where_it_was_asked_test() ->
    #iq{id = Id, to = To} = mod_foyer_questions:redirect(question(get, ?NS_DISCO_INFO, <<>>)),
    ?assertEqual(jid(<<"foyer">>), To),
    [?assertMatch(#iq{type = Type, id = <<"q1">>, from = #jid{luser = <<"foyer">>, lresource = <<>>}},
                  restore(#iq{type = Type, id = Id, from = To}))
     || Type <- [result, error]].

leaves_other_stanzas_as_they_are_test_() ->
    Marked = <<"foyer-bare:q1">>,
    [?_assertEqual(Stanza, restore(Stanza))
     || Stanza <- [#iq{type = result, id = <<"q1">>, from = jid(<<"foyer">>)},
                   #iq{type = get, id = Marked, from = jid(<<"foyer">>)},
                   #iq{type = result, id = Marked, from = jid:make(<<"joe">>, ?HOST, <<"foyer">>)},
                   #iq{type = result, id = Marked, from = jid:make(<<"foyer">>, <<"x.org">>, <<"foyer">>)},
                   #message{id = Marked, from = jid(<<"foyer">>)}]].

restore(Stanza) -> mod_foyer_questions:restore(Stanza, ?CONTEXT).

question(Type, Ns, Resource) ->
    #iq{type = Type, id = <<"q1">>, to = jid(Resource),
        sub_els = [#xmlel{name = <<"query">>, attrs = [{<<"xmlns">>, Ns}]}]}.

jid(Resource) -> jid:make(<<"foyer">>, ?HOST, Resource).
