%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_seen_tests).

-include_lib("eunit/include/eunit.hrl").

-define(HOST, <<"seen.test">>).
-define(OPTIONS, #{max => 1000, age => 3600}).

knows_a_key_again_test() ->
    with_seen(fun(_) ->
                      ?assert(claim(<<"a">>)),
                      ?assertNot(claim(<<"a">>)),
                      ?assert(claim(?HOST, {<<"visitor.2">>, <<"a">>}))
              end).

remembers_over_a_kill_what_was_routed_test() ->
    with_seen(fun(Restart) ->
                      true = claim(<<"a">>),
                      remember(<<"a">>),
                      true = claim(<<"b">>),
                      Restart(),
                      ?assertNot(claim(<<"a">>)),
                      ?assert(claim(<<"b">>))
              end).

keeps_at_least_half_of_its_bound_test() ->
    with_seen(fun(Restart) ->
                      [begin true = claim(N), remember(N) end || N <- keys(1, 2600)],
                      ?assert(mod_foyer_seen:size(?HOST) =< 2600),
                      [?assertNot(claim(N)) || N <- keys(2101, 2600)],
                      Restart(),
                      ?assert(mod_foyer_seen:size(?HOST) =< 1000),
                      [?assertNot(claim(N)) || N <- keys(2101, 2600)]
              end).

writes_a_key_once_for_all_that_remember_it_test() ->
    with_seen(fun(Restart) ->
                      true = claim(<<"a">>),
                      Workers = [spawn_monitor(fun() -> remember(<<"a">>) end)
                                 || _ <- lists:seq(1, 20)],
                      [receive {'DOWN', Monitor, process, _, Reason} -> normal = Reason end
                       || {_, Monitor} <- Workers],
                      Restart(),
                      remember(<<"a">>),
                      ?assertEqual(20, filelib:file_size(file()))
              end).

keeps_what_is_in_the_older_file_however_early_it_was_claimed_test() ->
    with_seen(fun(_) ->
                      true = claim(<<"a">>),
                      age_memory(100),
                      remember(<<"a">>),
                      [begin true = claim(N), remember(N) end || N <- keys(1, 600)],
                      ?assertNot(claim(<<"a">>))
              end).

keeps_what_is_on_its_way_when_the_files_turn_test() ->
    with_seen(fun(_) ->
                      true = claim(<<"a">>),
                      age_memory(100),
                      [begin true = claim(N), remember(N) end || N <- keys(1, 600)],
                      ?assertNot(claim(<<"a">>))
              end).

bounds_its_memory_without_a_file_test() ->
    with_seen(fun(Restart) ->
                      ok = file:write_file(get(dir) ++ ".file", <<>>),
                      put(dir, filename:join(get(dir) ++ ".file", "none")),
                      Restart(),
                      true = claim(<<"old">>),
                      age_memory(3600),
                      purge(),
                      ?assertEqual(0, mod_foyer_seen:size(?HOST)),
                      [begin true = claim(N), remember(N) end || N <- keys(1, 1000)],
                      age_memory(10),
                      [begin true = claim(N), remember(N) end || N <- keys(1001, 1500)],
                      purge(),
                      ?assertEqual(1000, mod_foyer_seen:size(?HOST)),
                      [?assertNot(claim(N)) || N <- keys(1001, 1500)]
              end).

forgets_what_is_too_old_at_the_start_test() ->
    with_seen(fun(Restart) ->
                      true = claim(<<"a">>),
                      remember(<<"a">>),
                      age_files(7200),
                      Restart(),
                      ?assert(claim(<<"a">>))
              end).

ignores_a_torn_record_test() ->
    with_seen(fun(Restart) ->
                      [begin true = claim(N), remember(N) end || N <- keys(1, 3)],
                      tear(),
                      Restart(),
                      ?assertNot(claim(<<"2">>)),
                      ?assert(claim(<<"3">>)),
                      remember(<<"3">>),
                      Restart(),
                      ?assertNot(claim(<<"3">>))
              end).

lets_everything_pass_when_it_doesnt_run_test() ->
    ?assert(claim(<<"not.running">>, {<<"v">>, <<"a">>})),
    ?assert(claim(<<"not.running">>, {<<"v">>, <<"a">>})),
    ?assertEqual(ok, mod_foyer_seen:remember(<<"not.running">>, {<<"v">>, <<"a">>})).

claim(Id) -> claim(?HOST, {<<"visitor.1">>, Id}).

%% Whether it is routed now.
claim(Host, Key) ->
    case mod_foyer_once:ask(Host, Key) of
        {new, Ticket} ->
            ok = mod_foyer_once:route(Ticket, fun() -> put(routed, true) end),
            erase(routed);
        repeat -> false
    end.

remember(Id) -> ok = mod_foyer_seen:remember(?HOST, {<<"visitor.1">>, Id}).

keys(From, To) -> [integer_to_binary(N) || N <- lists:seq(From, To)].

file() -> filename:join(get(dir), "seen.1").

tear() ->
    {ok, Bytes} = file:read_file(file()),
    ok = file:write_file(file(), binary:part(Bytes, 0, byte_size(Bytes) - 3)).

age_files(Seconds) ->
    {ok, Bytes} = file:read_file(file()),
    Older = << <<(At - Seconds):32, Digest/binary>> || <<At:32, Digest:16/binary>> <= Bytes >>,
    ok = file:write_file(file(), Older).

age_memory(Seconds) ->
    Table = gen_mod:get_module_proc(?HOST, mod_foyer_seen),
    [ets:update_element(Table, element(1, Row), {2, element(2, Row) - Seconds})
     || Row <- ets:tab2list(Table)].

purge() ->
    get(pid) ! purge,
    %% Answered after it.
    {error, unknown_request} = gen_server:call(get(pid), ready).

with_seen(Test) ->
    Name = "seen-" ++ integer_to_list(erlang:unique_integer([positive])),
    put(dir, filename:join(os:getenv("FOYER_TMP"), Name)),
    put(pid, start()),
    Test(fun() -> kill(get(pid)), put(pid, start()) end),
    kill(get(pid)).

start() ->
    {ok, Pid} = mod_foyer_seen:start_link(?HOST, get(dir), ?OPTIONS),
    Pid.

kill(Pid) ->
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.
