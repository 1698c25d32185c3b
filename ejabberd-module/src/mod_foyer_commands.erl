%%%-------------------------------------------------------------------
%%% File    : mod_foyer_commands.erl
%%% Purpose : Commands of ejabberdctl and of the REST API
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_commands).

-export([specs/0]).
%% Commands
-export([spool_info/1, spool_resend/1, spool_pause/1, spool_resume/1, info/1, test_event/1,
         provision/2, unprovision/2, set_names/2, rooms/1, create_rooms/4, destroy_rooms/3,
         destroy_rooms_of/2, admit_to_room/4, put_out_of_room/4]).

-include("ejabberd_commands.hrl").

-define(VERSION, <<"0.1.0">>).

%%%===================================================================
%%% What there is.
%%%===================================================================

-spec specs() -> [ejabberd_commands()].
specs() ->
    [spec(foyer_spool_info, spool_info, "Depth, age and last error of the spool",
          {info, {tuple, [{depth, integer}, {bytes, integer}, {oldest_age_seconds, integer},
                          {last_error, string}, {last_error_at, string}, {state, string},
                          {delivered_total, integer}, {rejected_total, integer},
                          {accepted_total, integer}, {refused_total, integer},
                          {write_error, string}]}}),
     spec(foyer_spool_resend, spool_resend, "Try now, don't wait for the next attempt",
          {res, rescode}),
     spec(foyer_spool_pause, spool_pause, "Send nothing until resumed; events are still accepted",
          {res, rescode}),
     spec(foyer_spool_resume, spool_resume, "Send again", {res, rescode}),
     spec(foyer_info, info, "Version and options of mod_foyer",
          {info, {tuple, [{version, string}, {node, string}, {system_time, string},
                          {options, {list, {option, {tuple, [{name, string},
                                                             {value, string}]}}}}]}}),
     spec(foyer_test_event, test_event, "Send a signed ping past the spool and say what came back",
          {info, {tuple, [{status, string}, {http_status, integer}, {answer, string},
                          {reason, string}, {milliseconds, integer}]}}),
     (spec(foyer_provision, provision, "Create or update up to 200 visitors' accounts",
           outcomes()))#ejabberd_commands{
       args = [{host, binary},
               {accounts, {list, {account, {tuple, [{user, binary}, {password, binary},
                                                    {name, binary}, {group, binary}]}}}}],
       args_desc = ["Virtual host", "The accounts"],
       args_example = [<<"example.org">>, [{<<"visitor.12">>, <<"secret">>, <<"Anna">>,
                                            <<"visitors">>}]]},
     (spec(foyer_unprovision, unprovision, "Remove up to 200 visitors' accounts",
           outcomes()))#ejabberd_commands{
       args = [{host, binary}, {users, {list, {user, binary}}}],
       args_desc = ["Virtual host", "Local parts of the accounts"],
       args_example = [<<"example.org">>, [<<"visitor.12">>]]},
     (spec(foyer_set_names, set_names, "Set the names of up to 200 visitors",
           outcomes()))#ejabberd_commands{
       args = [{host, binary},
               {names, {list, {entry, {tuple, [{user, binary}, {name, binary}]}}}}],
       args_desc = ["Virtual host", "The accounts and their names"],
       args_example = [<<"example.org">>, [{<<"visitor.12">>, <<"Anna">>}]]}
     | room_specs()].

-spec room_specs() -> [ejabberd_commands()].
room_specs() ->
    Service = {service, binary},
    [spec(foyer_rooms, rooms, "Foyer's rooms, and who is in them",
          {rooms, {list, {room, {tuple, [{room, string}, {at, string},
                                         {occupants,
                                          {list, {occupant,
                                                  {tuple, [{jid, string}, {nick, string},
                                                           {role, string}]}}}}]}}}}),
     (spec(foyer_create_rooms, create_rooms, "Make up to 200 rooms for members only",
           outcomes()))#ejabberd_commands{
       args = [{host, binary}, Service, {max_users, integer},
               {rooms, {list, {room, {tuple, [{room, binary}, {password, binary},
                                              {title, binary}, {may, binary}]}}}}],
       args_desc = ["Virtual host", "Conference service", "Occupants of each at most",
                    "The rooms"],
       args_example = [<<"example.org">>, <<"conference.example.org">>, 10,
                       [{<<"foyer-1">>, <<"secret">>, <<"Chat 1">>, <<"invite topic">>}]]},
     (spec(foyer_destroy_rooms, destroy_rooms, "Remove up to 200 rooms",
           outcomes()))#ejabberd_commands{
       args = [{host, binary}, Service, {rooms, {list, {room, binary}}}],
       args_desc = ["Virtual host", "Conference service", "The rooms"],
       args_example = [<<"example.org">>, <<"conference.example.org">>, [<<"foyer-1">>]]},
     (spec(foyer_destroy_rooms_of, destroy_rooms_of,
           "Remove the rooms whose names end in an instance's", {rooms, integer}))#ejabberd_commands{
       args = [{host, binary}, {instance, binary}],
       args_desc = ["Virtual host", "The instance"],
       args_example = [<<"example.org">>, <<"shop">>]},
     (spec(foyer_admit_to_room, admit_to_room, "Let up to 200 accounts into a room, or put them out",
           outcomes()))#ejabberd_commands{
       args = [{host, binary}, Service, {room, binary},
               {users, {list, {entry, {tuple, [{user, binary}, {what, binary}]}}}}],
       args_desc = ["Virtual host", "Conference service", "The room",
                    "Accounts: admit, admit_to_watch, moderate or dismiss"],
       args_example = [<<"example.org">>, <<"conference.example.org">>, <<"foyer-1">>,
                       [{<<"anna">>, <<"admit">>}]]},
     (spec(foyer_put_out_of_room, put_out_of_room, "Kick or ban up to 200 accounts, or unban them",
           outcomes()))#ejabberd_commands{
       args = [{host, binary}, Service, {room, binary},
               {users, {list, {entry, {tuple, [{user, binary}, {what, binary},
                                               {reason, binary}]}}}}],
       args_desc = ["Virtual host", "Conference service", "The room",
                    "Accounts: kick, ban or unban, and why"],
       args_example = [<<"example.org">>, <<"conference.example.org">>, <<"foyer-1">>,
                       [{<<"anna">>, <<"kick">>, <<"Shift is over">>}]]}].

-spec spec(atom(), atom(), string(), rterm()) -> #ejabberd_commands{}.
spec(Name, Function, Desc, Result) ->
    #ejabberd_commands{name = Name, tags = [foyer], desc = Desc, module = ?MODULE,
                       function = Function, args = [{host, binary}],
                       args_desc = ["Virtual host"], args_example = [<<"example.org">>],
                       result = Result}.

-spec outcomes() -> rterm().
outcomes() ->
    {accounts, {list, {account, {tuple, [{user, string}, {status, string}, {reason, string}]}}}}.

%%%===================================================================
%%% Commands.
%%%===================================================================

-spec spool_info(binary()) -> tuple().
spool_info(Host0) ->
    Host = host(Host0),
    #{depth := Depth, bytes := Bytes, oldest_age_seconds := Age, accepted := Accepted,
      refused := Refused, delivered := Delivered, rejected := Rejected} =
        mod_foyer_spool_view:info(Host),
    #{state := State, last_error := Error, last_error_at := At} = mod_foyer_courier:info(Host),
    {Depth, Bytes, Age, Error, At, atom_to_binary(State, latin1), Delivered, Rejected, Accepted,
     Refused, mod_foyer_spool_view:write_error(Host)}.

-spec spool_resend(binary()) -> ok.
spool_resend(Host) -> mod_foyer_courier:resend(host(Host)).

-spec spool_pause(binary()) -> ok.
spool_pause(Host) -> mod_foyer_courier:pause(host(Host)).

-spec spool_resume(binary()) -> ok.
spool_resume(Host) -> mod_foyer_courier:resume(host(Host)).

-spec info(binary()) -> tuple().
info(Host0) ->
    Host = host(Host0),
    Opts = gen_mod:get_module_opts(Host, mod_foyer),
    Shown = maps:to_list(maps:remove(hooks_secrets, Opts)),
    Secrets = {hooks_secrets, length(maps:get(hooks_secrets, Opts))},
    {?VERSION, atom_to_binary(node(), utf8),
     mod_foyer_event:timestamp(erlang:system_time(millisecond)),
     [{atom_to_binary(Name, utf8), text(Value)} || {Name, Value} <- lists:sort([Secrets | Shown])]}.

-spec test_event(binary()) -> tuple().
test_event(Host0) ->
    Host = host(Host0),
    case mod_foyer_courier:target(Host) of
        {ok, Target} -> test_event(Host, Target, mod_foyer_snapshot:take(Host));
        {error, Reason} -> {<<"error">>, 0, <<>>, Reason, 0}
    end.

-spec test_event(binary(), mod_foyer_http:target(),
                 {ok, [mod_foyer_event:operator()]} | {error, [node()]}) -> tuple().
test_event(_, _, {error, Silent}) -> {<<"error">>, 0, <<>>, text({no_answer_from, Silent}), 0};
test_event(Host, Target, {ok, Operators}) ->
    case mod_foyer_spool:void(Host) of
        {ok, Seq} -> post_test(Host, Target, Seq, Operators);
        {error, Reason} -> {<<"error">>, 0, <<>>, text({spool, Reason}), 0}
    end.

-spec post_test(binary(), mod_foyer_http:target(), pos_integer(), [mod_foyer_event:operator()]) ->
          tuple().
post_test(Host, Target, Seq, Operators) ->
    Id = mod_foyer_spool:event_id(mod_foyer_spool:id(Host), Seq),
    Now = mod_foyer_event:timestamp(erlang:system_time(millisecond)),
    Ping = mod_foyer_event:ping(Operators, Now),
    Body = mod_foyer_http:envelope(Host, [mod_foyer_json:encode(Ping#{id => Id})]),
    Started = erlang:monotonic_time(millisecond),
    Answer = mod_foyer_http:post(Target, mod_foyer_http:batch_id([Id]), {sync, Body}),
    test_result(Answer, erlang:monotonic_time(millisecond) - Started).

-spec test_result(mod_foyer_http:answer() | {ok, reference()}, integer()) -> tuple().
test_result({ok, Code, _, Body}, Took) when Code >= 200, Code < 300 ->
    {<<"ok">>, Code, excerpt(Body), <<>>, Took};
test_result({ok, Code, _, Body}, Took) ->
    {<<"error">>, Code, excerpt(Body), <<"the bridge refused the request">>, Took};
test_result({error, Reason}, Took) -> {<<"error">>, 0, <<>>, Reason, Took}.

-spec provision(binary(), [{binary(), binary(), binary(), binary()}]) ->
          [mod_foyer_accounts:outcome()].
provision(Host, Accounts) -> mod_foyer_accounts:provision(host(Host), Accounts).

-spec unprovision(binary(), [binary()]) -> [mod_foyer_accounts:outcome()].
unprovision(Host, Users) -> mod_foyer_accounts:unprovision(host(Host), Users).

-spec set_names(binary(), [{binary(), binary()}]) -> [mod_foyer_accounts:outcome()].
set_names(Host, Names) -> mod_foyer_accounts:set_names(host(Host), Names).

-spec rooms(binary()) -> [mod_foyer_room_admin:occupants()].
rooms(Host) -> mod_foyer_room_admin:list(host(Host)).

-spec create_rooms(binary(), binary(), pos_integer(), [{binary(), binary(), binary(), binary()}]) ->
          [mod_foyer_room_admin:outcome()].
create_rooms(Host, Service, MaxUsers, Rooms) ->
    mod_foyer_room_admin:create(host(Host), Service, MaxUsers, Rooms).

-spec destroy_rooms(binary(), binary(), [binary()]) -> [mod_foyer_room_admin:outcome()].
destroy_rooms(Host, Service, Rooms) -> mod_foyer_room_admin:destroy(host(Host), Service, Rooms).

-spec destroy_rooms_of(binary(), binary()) -> non_neg_integer().
destroy_rooms_of(Host, Instance) -> mod_foyer_room_admin:destroy_of(host(Host), Instance).

-spec admit_to_room(binary(), binary(), binary(), [{binary(), binary()}]) ->
          [mod_foyer_room_admin:outcome()].
admit_to_room(Host, Service, Room, Users) ->
    mod_foyer_room_admin:admit(host(Host), Service, Room, Users).

-spec put_out_of_room(binary(), binary(), binary(), [{binary(), binary(), binary()}]) ->
          [mod_foyer_room_admin:outcome()].
put_out_of_room(Host, Service, Room, Users) ->
    mod_foyer_room_admin:put_out(host(Host), Service, Room, Users).

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec host(binary()) -> binary().
host(Host) ->
    LHost = jid:nameprep(Host),
    case LHost =/= error andalso gen_mod:is_loaded(LHost, mod_foyer) of
        true -> LHost;
        false -> throw({not_found, "mod_foyer isn't loaded on this host"})
    end.

-spec text(term()) -> binary().
text(Value) when is_binary(Value) -> Value;
text(Value) -> iolist_to_binary(io_lib:format("~0tp", [Value])).

%% Not every answer is UTF-8, but the API's JSON has to be.
-spec excerpt(binary()) -> binary().
excerpt(Body) ->
    case unicode:characters_to_list(Body) of
        Text when is_list(Text) -> unicode:characters_to_binary(lists:sublist(Text, 2000));
        _ -> <<"(not text)">>
    end.
