%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_apart_tests).

-include_lib("eunit/include/eunit.hrl").
-include("xmpp.hrl").

a_list_of_rooms_has_only_those_that_are_shown_test() ->
    List = #disco_items{items = [#disco_item{jid = jid(N)} || N <- [<<"talk.shop">>, <<"talk.two">>]]},
    ?assertEqual(List#disco_items{items = [#disco_item{jid = jid(<<"talk.shop">>)}]},
                 mod_foyer_apart:without(List, fun hidden/1)).

a_search_finds_only_those_that_are_shown_test() ->
    Found = fun(Names) -> #search{items = [#search_item{jid = jid(N)} || N <- Names],
                                  xdata = #xdata{type = result, items = [fields(N) || N <- Names]}}
            end,
    ?assertEqual(Found([<<"anna.shop">>]),
                 mod_foyer_apart:without(Found([<<"anna.shop">>, <<"bert.two">>]), fun hidden/1)).

other_answers_are_no_lists_test() ->
    ?assertEqual(none, mod_foyer_apart:without(#ping{}, fun hidden/1)).

fields(Name) ->
    [#xdata_field{var = <<"jid">>, values = [jid:encode(jid(Name))]},
     #xdata_field{var = <<"nick">>, values = [<<"not a@jid@">>]}].

hidden(#jid{luser = LUser}) -> mod_foyer_jid:instance_suffix(LUser) =:= <<"two">>.

jid(Name) -> jid:make(Name, <<"localhost">>).
