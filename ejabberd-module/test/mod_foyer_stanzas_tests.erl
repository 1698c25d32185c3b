%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_stanzas_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

-define(HOST, <<"stanzas.test">>).
-define(KEY, {<<"visitor.1">>, <<"a">>}).

claims_a_stanza_only_when_it_is_routed_test() ->
    with_module(fun() ->
                        [?assertMatch({#message{meta = #{mod_foyer := {once, _}}}, _},
                                      mod_foyer_stanzas:filter_outgoing({message(), c2s()}))
                         || _ <- [once, again_after_another_hook_dropped_it]],
                        {new, Ticket} = mod_foyer_once:ask(?HOST, ?KEY),
                        ok = mod_foyer_once:route(Ticket, fun() -> routed end),
                        ?assertMatch({stop, {drop, _}},
                                     mod_foyer_stanzas:filter_outgoing({message(), c2s()}))
                end).

remembers_what_the_offline_storage_took_test_() ->
    [{atom_to_list(Tag),
      fun() ->
              with_module(fun() ->
                                  Acc = {Tag, message()},
                                  ?assertEqual(Acc, mod_foyer_stanzas:stored_offline(Acc)),
                                  ?assertEqual(IsStored, mod_foyer_once:ask(?HOST, ?KEY) =:= repeat)
                          end)
      end} || {Tag, IsStored} <- [{offlined, true}, {archived, true}, {bounce, false},
                                  {none, false}, {pass, false}]].

message() ->
    #message{id = <<"a">>, from = jid:make(<<"visitor.1">>, ?HOST, <<"r">>),
             to = jid:make(<<"foyer">>, ?HOST), body = [#text{data = <<"hello">>}]}.

c2s() -> #{jid => jid:make(<<"visitor.1">>, ?HOST, <<"r">>), sid => {now, self()}}.

%% The options where gen_mod looks for them.
with_module(Test) ->
    Dir = filename:join(os:getenv("FOYER_TMP"),
                        "stanzas-" ++ integer_to_list(erlang:unique_integer([positive]))),
    ejabberd_modules = ets:new(ejabberd_modules, [named_table, public, {keypos, 2}]),
    ets:insert(ejabberd_modules, {ejabberd_module, {mod_foyer, ?HOST},
                                  #{service_account => <<"foyer">>}, [], 0}),
    {ok, Pid} = mod_foyer_seen:start_link(?HOST, Dir, #{max => 1000, age => 3600}),
    try Test()
    after
        gen_server:stop(Pid),
        ets:delete(ejabberd_modules)
    end.
