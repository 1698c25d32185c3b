%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_spool_tests).

-include_lib("eunit/include/eunit.hrl").

-define(HOST, <<"spool.test">>).
-define(OPTIONS, #{max_events => 1000000, max_bytes => 1073741824, sync => false}).

gives_back_in_order_what_it_took_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     ok = mod_foyer_spool:append(?HOST, [record(1), record(2)]),
                     ok = mod_foyer_spool:append(?HOST, [record(3)]),
                     ?assertEqual([{1, 1}, {2, 2}, {3, 3}], all()),
                     stop(Pid)
             end).

keeps_everything_over_a_kill_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     [ok = mod_foyer_spool:append(?HOST, [record(N)]) || N <- lists:seq(1, 100)],
                     Id = mod_foyer_spool:id(?HOST),
                     kill(Pid),
                     Pid2 = start(Dir),
                     ?assertEqual(Id, mod_foyer_spool:id(?HOST)),
                     ok = mod_foyer_spool:append(?HOST, [record(101)]),
                     ?assertEqual([{N, N} || N <- lists:seq(1, 101)], all()),
                     ?assertMatch(#{depth := 101}, mod_foyer_spool_view:info(?HOST)),
                     stop(Pid2)
             end).

starts_at_the_cursor_after_a_kill_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     [ok = mod_foyer_spool:append(?HOST, [record(N)]) || N <- lists:seq(1, 10)],
                     acknowledge(8, 7),
                     kill(Pid),
                     Pid2 = start(Dir),
                     ?assertEqual([{8, 8}, {9, 9}, {10, 10}], all()),
                     ?assertMatch(#{depth := 3}, mod_foyer_spool_view:info(?HOST)),
                     stop(Pid2)
             end).

gives_each_that_is_sent_past_it_its_own_number_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     Self = self(),
                     [spawn_link(fun() ->
                                         {ok, Seq} = mod_foyer_spool:void(?HOST),
                                         ok = mod_foyer_spool:append(?HOST, [record(0)]),
                                         Self ! {seq, Seq}
                                 end) || _ <- lists:seq(1, 50)],
                     Seqs = [receive {seq, Seq} -> Seq end || _ <- lists:seq(1, 50)],
                     ?assertEqual([Seq || #{seq := Seq, kind := void} <- entries()],
                                  lists:sort(Seqs)),
                     stop(Pid)
             end).

answers_later_to_who_doesnt_wait_test() ->
    with_dir(fun(Dir) ->
                     ok = mod_foyer_spool:offer(?HOST, [record(0)]),
                     Pid = start(Dir),
                     ok = mod_foyer_spool:offer(?HOST, [record(1), record(2)]),
                     ok = mod_foyer_spool:offer(?HOST, [record(3)]),
                     [?assertEqual({ok, First},
                                   receive {Ref, Result} when is_reference(Ref) -> Result end)
                      || First <- [1, 3]],
                     ?assertEqual([{1, 1}, {2, 2}, {3, 3}], all()),
                     stop(Pid)
             end).

never_uses_a_number_twice_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     [ok = mod_foyer_spool:append(?HOST, [record(N)]) || N <- lists:seq(1, 10)],
                     acknowledge(11, 10),
                     stop(Pid),
                     Pid2 = start(Dir),
                     ok = mod_foyer_spool:append(?HOST, [record(11)]),
                     ?assertEqual([{11, 11}], all()),
                     stop(Pid2)
             end).

leaves_a_gap_after_a_reboot_of_the_machine_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     ok = mod_foyer_spool:append(?HOST, [record(1)]),
                     Id = mod_foyer_spool:id(?HOST),
                     stop(Pid),
                     ok = file:write_file(filename:join(Dir, "spool.id"), [Id, "\nother boot\n"]),
                     Pid2 = start(Dir),
                     ?assertEqual(Id, mod_foyer_spool:id(?HOST)),
                     ok = mod_foyer_spool:append(?HOST, [record(2)]),
                     ?assertEqual([{1, 1}, {1000002, 2}], all()),
                     stop(Pid2)
             end).

cuts_a_torn_record_test_() ->
    [{io_lib:format("~b bytes missing", [Missing]),
      fun() ->
              with_dir(fun(Dir) ->
                               Pid = start(Dir),
                               [ok = mod_foyer_spool:append(?HOST, [record(N)]) || N <- [1, 2, 3]],
                               kill(Pid),
                               tear(Dir, Missing),
                               Pid2 = start(Dir),
                               ok = mod_foyer_spool:append(?HOST, [record(4)]),
                               ?assertEqual([{1, 1}, {2, 2}, {3, 4}], all()),
                               kill(Pid2),
                               Pid3 = start(Dir),
                               ?assertEqual([{1, 1}, {2, 2}, {3, 4}], all()),
                               stop(Pid3)
                       end)
      end} || Missing <- [1, 5, 20, 25]].

jumps_over_damage_in_the_middle_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     Big = binary:copy(<<"x">>, 100000),
                     [ok = mod_foyer_spool:append(?HOST, [{event, 0, Big}]) || _ <- lists:seq(1, 200)],
                     [First, _ | _] = [P || {_, P} <- mod_foyer_segment:list(Dir)],
                     {ok, Fd} = file:open(First, [read, write, raw, binary]),
                     ok = file:pwrite(Fd, 250000, <<"damaged">>),
                     ok = file:close(Fd),
                     {Entries, Damaged, Reader} =
                         mod_foyer_spool_view:read(?HOST, mod_foyer_spool_view:reader(?HOST), 1000, 1 bsl 30),
                     mod_foyer_segment:close(Reader),
                     Seqs = [S || #{seq := S} <- Entries],
                     ?assert(Damaged > 0),
                     ?assertEqual([1, 2], lists:sublist(Seqs, 2)),
                     ?assertEqual(200, lists:last(Seqs)),
                     ?assertEqual(lists:usort(Seqs), Seqs),
                     stop(Pid)
             end).

drops_segments_that_are_acknowledged_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     Big = binary:copy(<<"x">>, 100000),
                     [ok = mod_foyer_spool:append(?HOST, [{event, 0, Big}]) || _ <- lists:seq(1, 300)],
                     ?assert(length(mod_foyer_segment:list(Dir)) > 3),
                     acknowledge(301, 300),
                     ?assertMatch([_], mod_foyer_segment:list(Dir)),
                     ?assertMatch(#{depth := 0, bytes := 0}, mod_foyer_spool_view:info(?HOST)),
                     ?assertEqual([], all()),
                     ok = mod_foyer_spool:append(?HOST, [record(301)]),
                     ?assertEqual([{301, 301}], all()),
                     stop(Pid)
             end).

refuses_beyond_its_bounds_test_() ->
    [{atom_to_list(Bound),
      fun() ->
              with_dir(fun(Dir) ->
                               Pid = start(Dir, ?OPTIONS#{Bound := Value}),
                               ok = mod_foyer_spool:append(?HOST, [record(1)]),
                               ok = mod_foyer_spool:append(?HOST, [record(2)]),
                               ?assertEqual({error, full}, mod_foyer_spool:append(?HOST, [record(3)])),
                               ?assertEqual([{1, 1}, {2, 2}], all()),
                               acknowledge(2, 1),
                               ok = mod_foyer_spool:append(?HOST, [record(3)]),
                               ?assertEqual([{2, 2}, {3, 3}], all()),
                               stop(Pid)
                       end)
      end} || {Bound, Value} <- [{max_events, 2}, {max_bytes, 70}]].

says_so_when_it_cant_write_and_recovers_test() ->
    with_dir(fun(Dir) ->
                     Blocked = filename:join(Dir, "spool"),
                     ok = file:write_file(Blocked, <<>>),
                     Pid = start(Blocked),
                     ?assertEqual({error, {io, eexist}}, mod_foyer_spool:append(?HOST, [record(1)])),
                     ?assertEqual(<<"eexist">>, mod_foyer_spool_view:write_error(?HOST)),
                     Id = mod_foyer_spool:id(?HOST),
                     ok = file:delete(Blocked),
                     ok = mod_foyer_spool:append(?HOST, [record(2)]),
                     ?assertEqual(<<>>, mod_foyer_spool_view:write_error(?HOST)),
                     ?assertMatch([{_, 2}], all()),
                     kill(Pid),
                     Pid2 = start(Blocked),
                     ?assertEqual(Id, mod_foyer_spool:id(?HOST)),
                     ?assertMatch([{_, 2}], all()),
                     stop(Pid2)
             end).

says_so_when_it_doesnt_run_test() ->
    ?assertEqual({error, unavailable}, mod_foyer_spool:append(<<"not.running">>, [record(1)])).

carries_100000_events_of_many_callers_in_order_test_() ->
    {timeout, 60,
     fun() ->
             with_dir(fun(Dir) ->
                              Pid = start(Dir),
                              Callers = [spawn_monitor(fun() -> append_many(C) end)
                                         || C <- lists:seq(1, 20)],
                              [receive {'DOWN', M, process, P, R} -> ?assertEqual(normal, R) end
                               || {P, M} <- Callers],
                              ?assertEqual({100000, 100000}, drain()),
                              stop(Pid)
                      end)
     end}.

remembers_the_newest_snapshot_over_a_kill_test() ->
    with_dir(fun(Dir) ->
                     Pid = start(Dir),
                     ok = mod_foyer_spool:append(?HOST, [{ping, 0, <<"1">>}]),
                     ok = mod_foyer_spool:append(?HOST, [record(2)]),
                     ok = mod_foyer_spool:append(?HOST, [{ping, 0, <<"3">>}]),
                     kill(Pid),
                     Pid2 = start(Dir),
                     ?assertEqual(3, mod_foyer_spool_view:last_ping(?HOST)),
                     stop(Pid2)
             end).

append_many(Caller) ->
    [ok = mod_foyer_spool:append(?HOST, [{event, N, <<Caller>>}]) || N <- lists:seq(1, 5000)].

%% Reads as the courier does; counts entries and checks each caller's order.
drain() -> drain(mod_foyer_spool_view:reader(?HOST), #{}, 0, 0).

drain(Reader, Last, Count, Seq) ->
    case mod_foyer_spool_view:read(?HOST, Reader, 500, 1048576) of
        {[], 0, Reader1} -> mod_foyer_segment:close(Reader1), {Count, Seq};
        {Entries, 0, Reader1} ->
            {Last1, Seq1} = lists:foldl(fun check_order/2, {Last, Seq}, Entries),
            drain(Reader1, Last1, Count + length(Entries), Seq1)
    end.

check_order(#{seq := Seq, at := N, tail := Caller}, {Last, Before}) ->
    ?assertEqual(Before + 1, Seq),
    ?assertEqual(maps:get(Caller, Last, 0) + 1, N),
    {Last#{Caller => N}, Seq}.

all() -> [{Seq, binary_to_integer(Tail)} || #{seq := Seq, tail := Tail} <- entries()].

entries() ->
    {Entries, 0, Reader} =
        mod_foyer_spool_view:read(?HOST, mod_foyer_spool_view:reader(?HOST), 1000000, 1 bsl 40),
    mod_foyer_segment:close(Reader),
    Entries.

record(N) -> {event, erlang:system_time(millisecond), integer_to_binary(N)}.

acknowledge(Cursor, Entries) ->
    mod_foyer_spool:ack(?HOST, #{cursor => Cursor, entries => Entries, bytes => 26 * Entries,
                                 delivered => Entries, rejected => 0}),
    _ = gen_server:call(gen_mod:get_module_proc(?HOST, mod_foyer_spool), sync),
    ok.

tear(Dir, Missing) ->
    {_, Path} = lists:last(mod_foyer_segment:list(Dir)),
    {ok, Bytes} = file:read_file(Path),
    ok = file:write_file(Path, binary:part(Bytes, 0, byte_size(Bytes) - Missing)).

start(Dir) -> start(Dir, ?OPTIONS).

start(Dir, Options) ->
    {ok, Pid} = mod_foyer_spool:start_link(?HOST, Dir, Options),
    Pid.

stop(Pid) -> gen_server:stop(Pid).

%% Nothing of the process's own clean-up runs.
kill(Pid) ->
    unlink(Pid),
    Monitor = monitor(process, Pid),
    exit(Pid, kill),
    receive {'DOWN', Monitor, process, Pid, _} -> ok end.

with_dir(Test) ->
    Name = "spool-" ++ integer_to_list(erlang:unique_integer([positive])),
    Dir = filename:join(os:getenv("FOYER_TMP"), Name),
    ok = filelib:ensure_dir(filename:join(Dir, "x")),
    Test(Dir).
