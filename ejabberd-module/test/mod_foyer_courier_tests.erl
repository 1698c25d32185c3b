%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_courier_tests).

-include_lib("eunit/include/eunit.hrl").

-define(NOW, {{2026, 11, 21}, {4, 0, 0}}).

waits_between_half_a_second_and_a_minute_test_() ->
    [?_assert(delay_is_within(Failures, 500, Most))
     || {Failures, Most} <- [{1, 1000}, {2, 2000}, {5, 16000}, {8, 60000}, {1000, 60000}]].

waits_as_long_as_it_is_asked_to_test_() ->
    [?_assertEqual(Expected, mod_foyer_http:retry_after([{"retry-after", Value}], ?NOW))
     || {Value, Expected} <- [{"7", 7000}, {" 7 ", 7000}, {"0", 0}, {"-3", 0}, {"86400", 600000},
                              {"Sat, 21 Nov 2026 04:00:30 GMT", 30000},
                              {"Sat, 21 Nov 2026 03:00:00 GMT", 0},
                              {"Sun, 22 Nov 2026 04:00:00 GMT", 600000},
                              {"soon", none}, {"", none}, {"7 seconds", none}]]
        ++ [?_assertEqual(none, mod_foyer_http:retry_after([{"date", "7"}], ?NOW))].

says_why_the_bridge_refuses_test_() ->
    [?_assertEqual(Expected, mod_foyer_http:explanation(Body))
     || {Body, Expected} <- [{<<"{\"code\":\"x\",\"detail\":\"Clocks differ\"}">>, <<"Clocks differ">>},
                             {<<"{\"detail\":\"two\\nlines\"}">>, <<"twolines">>},
                             {iolist_to_binary(["{\"detail\":\"", lists:duplicate(999, $x), "\"}"]),
                              binary:copy(<<"x">>, 200)},
                             {<<"{\"detail\":7}">>, <<>>}, {<<"{}">>, <<>>},
                             {<<"<html>Bad gateway</html>">>, <<>>}, {<<>>, <<>>}]].

names_a_batch_by_its_events_test() ->
    ?assertEqual(<<"s-1_s-3_3">>, mod_foyer_http:batch_id([<<"s-1">>, <<"s-2">>, <<"s-3">>])),
    ?assertEqual(<<"s-1_s-1_1">>, mod_foyer_http:batch_id([<<"s-1">>])).

puts_events_into_an_envelope_test() ->
    Body = mod_foyer_http:envelope(<<"example.org">>, [<<"{\"id\":\"1\"}">>, [<<"{">>, <<"}">>]]),
    {ok, Decoded} = mod_foyer_json:decode(Body),
    ?assertEqual(#{<<"version">> => 1, <<"host">> => <<"example.org">>,
                   <<"node">> => atom_to_binary(node(), utf8),
                   <<"events">> => [#{<<"id">> => <<"1">>}, #{}]}, Decoded).

delay_is_within(Failures, Least, Most) ->
    lists:all(fun(Random) ->
                      Delay = mod_foyer_courier:delay(Failures, Random),
                      Delay >= Least andalso Delay =< Most
              end, [0.0, 0.25, 0.5, 0.999, 1.0]).

settles_what_the_answer_lists_test() ->
    {ok, Results} = mod_foyer_results:parse(
                      <<"{\"results\":[{\"id\":\"s-1\",\"status\":\"stored\"},"
                        "{\"id\":\"s-3\",\"status\":\"rejected\",\"code\":\"bad\"},"
                        "{\"id\":\"s-4\",\"status\":\"later\"},{\"id\":\"s-9\",\"status\":\"stored\"},7]}">>),
    Entries = [entry(Seq) || Seq <- [1, 2, 3, 4]],
    ?assertEqual({[entry(1), entry(3)], [entry(2), entry(4)], [{<<"s-3">>, <<"bad">>}]},
                 mod_foyer_results:settle(Results, <<"s">>, Entries)).

knows_an_answer_that_is_none_test_() ->
    [?_assertEqual(error, mod_foyer_results:parse(Body))
     || Body <- [<<>>, <<"ok">>, <<"{">>, <<"[]">>, <<"{}">>, <<"{\"results\":1}">>]].

fills_a_batch_up_to_its_bounds_test_() ->
    Entries = [entry(Seq) || Seq <- [1, 2, 3]],
    [?_assertEqual(lists:sublist(Entries, Expected), mod_foyer_results:take(Entries, N, Bytes))
     || {N, Bytes, Expected} <- [{2, 1000, 2}, {9, 1000, 3}, {9, 25, 2}, {9, 9, 0}, {0, 1000, 0}]].

entry(Seq) -> #{seq => Seq, at => 0, kind => event, tail => <<"x">>, size => 10}.
