%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_snapshot_tests).

-include_lib("eunit/include/eunit.hrl").

joins_what_the_nodes_tell_test_() ->
    [?_assertEqual(Expected, lists:sort(mod_foyer_snapshot:merge(Lists)))
     || {Lists, Expected} <- [{[], []},
                              {[[], []], []},
                              {[[one(<<"a">>, 0, 1)], [one(<<"b">>, 5, 2)]],
                               [one(<<"a">>, 0, 1), one(<<"b">>, 5, 2)]},
                              {[[one(<<"a">>, 0, 1)], [one(<<"a">>, 5, 2)]], [one(<<"a">>, 5, 3)]},
                              {[[one(<<"a">>, 5, 1)], [], [one(<<"a">>, 0, 2)]],
                               [one(<<"a">>, 5, 3)]}]].

one(Jid, Priority, Resources) ->
    #{jid => Jid, instance => <<"main">>, show => integer_to_binary(Priority), status => <<>>,
      priority => Priority, resources => Resources}.
