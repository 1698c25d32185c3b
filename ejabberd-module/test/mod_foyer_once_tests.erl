%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_once_tests).

-include_lib("eunit/include/eunit.hrl").

-define(HOST, <<"once.test">>).

routes_each_once_test() ->
    with_seen(fun() ->
                      Routed = [Id || Id <- [<<"a">>, <<"b">>, <<"a">>, <<"b">>, <<"c">>], routes(Id)],
                      ?assertEqual([<<"a">>, <<"b">>, <<"c">>], Routed)
              end).

says_of_a_message_whether_it_was_routed_test() ->
    with_seen(fun() ->
                      [?assertMatch({new, _}, mod_foyer_once:ask(?HOST, key(<<"a">>)))
                       || _ <- [once, again_after_another_hook_dropped_it]],
                      true = routes(<<"a">>),
                      ?assertEqual(repeat, mod_foyer_once:ask(?HOST, key(<<"a">>)))
              end).

%% The old connection is in the middle of the first message when the new one sends both again.
lets_nothing_overtake_what_is_just_being_routed_test_() ->
    [{Name,
      fun() ->
              with_seen(fun() ->
                                Early = ticket(<<"1">>),
                                Old = halfway(<<"1">>),
                                New = start(fun() -> Again(Early), again(<<"2">>) end),
                                until_still(New),
                                Old ! go_on,
                                ended(Old),
                                ended(New),
                                ?assertEqual([<<"1">>, <<"2">>], arrived())
                        end)
      end} || {Name, Again} <- [{"found out before the archive", fun(_) -> again(<<"1">>) end},
                                {"found out behind it", fun(Ticket) -> pass(Ticket, <<"1">>) end}]].

routes_what_another_left_in_the_middle_test() ->
    with_seen(fun() ->
                      Old = halfway(<<"1">>),
                      New = [start(fun() -> again(<<"1">>) end) || _ <- lists:seq(1, 5)],
                      [until_still(Pid) || Pid <- New],
                      exit(Old, kill),
                      [ended(Pid) || Pid <- New],
                      ?assertEqual([<<"1">>], arrived())
              end).

doesnt_repeat_what_another_had_handed_over_when_it_ended_test() ->
    with_seen(fun() ->
                      Old = halfway(<<"1">>),
                      ok = mod_foyer_seen:remember(?HOST, key(<<"1">>)),
                      New = start(fun() -> again(<<"1">>) end),
                      until_still(New),
                      ?assert(is_process_alive(New)),
                      exit(Old, kill),
                      ended(New),
                      ?assertEqual([], arrived())
              end).

takes_again_what_couldnt_be_routed_test() ->
    with_seen(fun() ->
                      Ticket = ticket(<<"a">>),
                      ?assertError(broken, mod_foyer_once:route(Ticket, fun() -> error(broken) end)),
                      ?assert(routes(<<"a">>))
              end).

key(Id) -> {<<"visitor.1">>, Id}.

ticket(Id) ->
    {new, Ticket} = mod_foyer_once:ask(?HOST, key(Id)),
    Ticket.

routes(Id) ->
    put(test, self()),
    again(Id),
    arrived() =:= [Id].

%% As a connection's process does with what comes in.
again(Id) ->
    case mod_foyer_once:ask(?HOST, key(Id)) of
        {new, Ticket} -> pass(Ticket, Id);
        repeat -> ok
    end.

pass(Ticket, Id) -> mod_foyer_once:route(Ticket, fun() -> tell({routed, Id}) end).

%% A process that is routing this one until it is told to go on.
halfway(Id) ->
    Pid = start(fun() ->
                        mod_foyer_once:route(ticket(Id), fun() ->
                                                                     tell({halfway, self()}),
                                                                     receive go_on -> ok end,
                                                                     tell({routed, Id})
                                                             end)
                end),
    receive {halfway, Pid} -> Pid end.

start(Run) ->
    Test = self(),
    {Pid, _} = spawn_monitor(fun() -> put(test, Test), Run() end),
    Pid.

tell(What) -> get(test) ! What.

%% It waits for something, or has ended.
until_still(Pid) ->
    case process_info(Pid, status) of
        {status, Status} when Status =/= waiting -> erlang:yield(), until_still(Pid);
        _ -> ok
    end.

ended(Pid) -> receive {'DOWN', _, process, Pid, _} -> ok end.

arrived() -> receive {routed, Id} -> [Id | arrived()] after 0 -> [] end.

with_seen(Test) ->
    Name = "once-" ++ integer_to_list(erlang:unique_integer([positive])),
    {ok, Pid} = mod_foyer_seen:start_link(?HOST, filename:join(os:getenv("FOYER_TMP"), Name),
                                          #{max => 1000, age => 3600}),
    try Test()
    after gen_server:stop(Pid)
    end.
