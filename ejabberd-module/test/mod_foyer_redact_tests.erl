%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_redact_tests).

-include_lib("eunit/include/eunit.hrl").

hides_what_provisioning_was_given_test_() ->
    Accounts = [{<<"accounts">>, [{[{<<"password">>, <<"geheim">>}]}]}],
    [?_assertEqual(nomatch, string:find(printed(Format, Args), "geheim"))
     || {Format, Args} <- [{"API call ~ts ~p from ~ts:~p",
                            [<<"foyer_provision">>, Accounts, "127.0.0.1", 5280]},
                           {"API call ~ts ~p (~p)", [<<"foyer_create_rooms">>, Accounts, {127, 0, 0, 1}]},
                           {"API call ~ts ~p (~p)", [<<"foyer_provision">>, Accounts, {127, 0, 0, 1}]},
                           {"Executing command ~p:~p with Args=~p",
                            [mod_foyer_commands, provision, [<<"h">>, [{<<"u">>, <<"geheim">>}]]]},
                           {"REST API Error: ~ts(~p) -> ~p:~p ~p",
                            [foyer_provision, Accounts, error, badarg, []]},
                           {"Don't know how to format Arg ~p for format ~p",
                            [{[{<<"password">>, <<"geheim">>}]}, binary]},
                           {"Don't know how to format Arg ~p for format ~p",
                            [<<"geheim">>, integer]}]].

hides_the_arguments_of_commands_with_passwords_test_() ->
    Format = "Executing command ~p:~p with Args=~p",
    [?_assertEqual(nomatch,
                   string:find(printed(Format, [Module, Function, [<<"anna">>, <<"h">>, <<"geheim">>]]),
                               "geheim"))
     || {Module, Function} <- [{ejabberd_admin, register}, {mod_admin_extra, set_password}]].

hides_what_logs_in_test_() ->
    [?_assertMatch(#{msg := {report, #{args := [socket, hidden_by_mod_foyer]}}},
                   mod_foyer_redact:filter(received(Data), []))
     || Data <- [<<"<auth xmlns=\"urn:ietf:params:xml:ns:xmpp-sasl\" mechanism=\"PLAIN\">AGFubmE=</auth>">>,
                 <<"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AGFubmE=</response>">>,
                 <<"<iq type='set'><query xmlns='jabber:iq:register'><password>geheim</password>">>]]
    ++ [?_assertEqual(ignore,
                      mod_foyer_redact:filter(received(<<"<message><body>&lt;auth></body></message>">>), []))].

received(Data) ->
    #{level => notice, meta => #{},
      msg => {report, #{label => {error_logger, info_msg},
                        format => "(~s) Received XML on stream = ~p", args => [socket, Data]}}}.

leaves_other_lines_alone_test_() ->
    [?_assertEqual(ignore, mod_foyer_redact:filter(#{level => info, meta => #{}, msg => Msg}, []))
     || Msg <- [{"API call ~ts ~p from ~ts:~p", [<<"register">>, [], "127.0.0.1", 1]},
                {"Executing command ~p:~p with Args=~p", [ejabberd_admin, unregister, [<<"anna">>]]},
                {"x", []}, {"~p", [1]}, {string, "x"}, {report, #{a => 1}}]].

printed(Format, Args) ->
    Event = #{level => info, meta => #{}, msg => {Format, Args}},
    #{msg := {F, A}} = mod_foyer_redact:filter(Event, []),
    lists:flatten(io_lib:format(F, A)).
