%%%-------------------------------------------------------------------
%%% File    : mod_foyer_room_admin.erl
%%% Purpose : Foyer's rooms as the bridge wants them: many in one call, each of which may be repeated
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_room_admin).

%% API
-export([create/4, destroy/3, destroy_of/2, admit/4, put_out/4, list/1, invited/3]).

-export_type([outcome/0, occupants/0]).

-include("xmpp.hrl").
-include("mod_muc_room.hrl").

-type outcome() :: {Room :: binary(), Status :: binary(), Reason :: binary()}.
%% `At' is before the look: what is reported later is newer.
-type occupants() :: {Room :: binary(), At :: binary(),
                      [{Jid :: binary(), Nick :: binary(), Role :: binary()}]}.

-define(MAX_BATCH, 200).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Makes rooms that the service account owns: who was admitted may enter, with the
%% password; nobody finds them, and they are still there after a restart. `May' names what each member may
%% do: `invite', `topic'. A room that is there is set right.
-spec create(binary(), binary(), pos_integer(), [{binary(), binary(), binary(), May :: binary()}]) ->
          [outcome()].
create(Host, Service, MaxUsers, Rooms) ->
    check(Host, Service, length(Rooms)),
    each(fun({Room, Password, Title, May}) ->
                 {Room, fun() -> create_one(Host, Service, own(Host, Room, Service),
                                            [{max_users, MaxUsers}, {password, Password},
                                             {title, Title} | rights(May)]) end}
         end, Rooms).

%% @doc Who is in a room sees that it is over; one that isn't there needs nothing.
-spec destroy(binary(), binary(), [binary()]) -> [outcome()].
destroy(Host, Service, Rooms) ->
    check(Host, Service, length(Rooms)),
    each(fun(Room) -> {Room, fun() -> destroy_one(Host, Service, own(Host, Room, Service)) end} end,
         Rooms).

%% @doc Removes the rooms that people of an instance made for themselves, by their names. Returns how
%% many there were.
-spec destroy_of(binary(), mod_foyer_jid:instance()) -> non_neg_integer().
destroy_of(Host, Instance) ->
    mod_foyer_jid:is_instance(Instance) orelse throw({invalid_parameter, "no name of an instance"}),
    Services = case gen_mod:is_loaded(Host, mod_muc) of
                   true -> gen_mod:get_module_opt_hosts(Host, mod_muc);
                   false -> []
               end,
    Rooms = [{Room, Service} || Service <- Services, Room <- all_rooms(Host, Service),
                                mod_foyer_jid:instance_suffix(Room) =:= Instance],
    _ = [destroy_one(Host, Service, Room) || {Room, Service} <- Rooms],
    _ = mnesia:sync_log(),
    length(Rooms).

%% @doc Lets accounts of this host enter: `admit'; `moderate': also puts others out;
%% `admit_to_watch': without a voice, as a visitor of XEP-0045; `dismiss': who is dismissed is put out.
-spec admit(binary(), binary(), binary(), [{binary(), binary()}]) -> [outcome()].
admit(Host, Service, Room0, Users) ->
    check(Host, Service, length(Users)),
    Room = own(Host, Room0, Service),
    each(fun({User, What}) -> {User, fun() -> admit_one(Host, Service, Room, User, What) end} end,
         Users).

%% @doc Puts accounts of this host out, and tells all why: `kick', who may come back; `ban', who may
%% not until `unban'.
-spec put_out(binary(), binary(), binary(), [{binary(), binary(), binary()}]) -> [outcome()].
put_out(Host, Service, Room0, Users) ->
    check(Host, Service, length(Users)),
    Room = own(Host, Room0, Service),
    each(fun({User, What, Reason}) ->
                 {User, fun() -> put_out_one(Host, Service, Room, User, What, Reason) end}
         end, Users).

%% @doc All of Foyer's rooms that there are, with who is in them.
-spec list(binary()) -> [occupants()].
list(Host) ->
    [occupants(Room, Service)
     || Service <- gen_mod:get_module_opt_hosts(Host, mod_muc),
        {Room, _, _} <- mod_muc:get_online_rooms(Service),
        mod_foyer_rooms:is_room(Host, jid:make(Room, Service))].

%% @doc Whom an occupant invites, and may, is admitted: the room itself makes members of those whom
%% its occupants invite only where it has members alone. Who is banned stays so.
-spec invited(message(), jid(), jid()) -> message().
invited(Msg, #jid{luser = Room, lserver = Service} = To, Invited) ->
    case mod_foyer_rooms:is_ours(To) of
        true ->
            Pid = self(),
            _ = spawn(fun() -> admit_invited(Pid, Room, Service, Invited) end),
            Msg;
        false -> Msg
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec check(binary(), binary(), non_neg_integer()) -> ok.
check(_, _, Count) when Count > ?MAX_BATCH -> throw({error, "Too many at once"});
check(Host, Service, _) ->
    case gen_mod:is_loaded(Host, mod_muc)
        andalso lists:member(Service, gen_mod:get_module_opt_hosts(Host, mod_muc)) of
        true -> ok;
        false -> throw({not_found, "This host has no such conference service"})
    end.

%% Those that sleep on disk too.
-spec all_rooms(binary(), binary()) -> [binary()].
all_rooms(Host, Service) ->
    Online = [Room || {Room, _, _} <- mod_muc:get_online_rooms(Service)],
    Stored = [Room || Stored <- (gen_mod:db_mod(Host, mod_muc)):get_rooms(Host, Service),
                      {Room, _} <- [element(2, Stored)]],
    lists:usort(Online ++ Stored).

%% One that fails doesn't stop the others.
-spec each(fun((Item) -> {binary(), fun(() -> binary())}), [Item]) -> [outcome()].
each(Name, Items) ->
    Outcomes = each_alone(Name, Items),
    %% Mnesia writes its log later: a `kill -9' before that would take it all back.
    _ = mnesia:sync_log(),
    Outcomes.

-spec each_alone(fun((Item) -> {binary(), fun(() -> binary())}), [Item]) -> [outcome()].
each_alone(Name, Items) ->
    [try {Named, (Act)(), <<>>}
     catch
         throw:Reason -> {Named, <<"error">>, iolist_to_binary(io_lib:format("~0tp", [Reason]))};
         _:Reason -> {Named, <<"error">>, iolist_to_binary(io_lib:format("~0P", [Reason, 8]))}
     end || {Named, Act} <- [Name(Item) || Item <- Items]].

-spec own(binary(), binary(), binary()) -> binary().
own(Host, Room, Service) ->
    Jid = jid:make(Room, Service),
    case Jid =/= error andalso mod_foyer_rooms:is_room(Host, Jid) of
        true -> Jid#jid.luser;
        false -> throw(not_a_room_of_foyer)
    end.

-spec create_one(binary(), binary(), binary(), list()) -> binary().
create_one(Host, Service, Room, Wanted) ->
    case mod_muc:find_online_room(Room, Service) of
        {ok, Pid} ->
            set_right(Pid, Wanted),
            <<"exists">>;
        error ->
            Options = options(Host, Wanted),
            case mod_muc:create_room(Service, Room, Options) of
                ok ->
                    {atomic, _} = mod_muc:store_room(Host, Service, Room, Options),
                    <<"created">>;
                {error, Reason} -> throw(Reason)
            end
    end.

%% By ejabberd's own names of a room's options.
-spec set_right(pid(), [{atom(), term()}]) -> ok.
set_right(Pid, Wanted) ->
    {ok, Config} = mod_muc_room:get_config(Pid),
    case lists:foldl(fun set_option/2, Config, Wanted) of
        Config -> ok;
        Changed ->
            {ok, _} = mod_muc_room:set_config(Pid, Changed),
            ok
    end.

-spec set_option({atom(), term()}, #config{}) -> #config{}.
set_option({allow_change_subj, Is}, Config) -> Config#config{allow_change_subj = Is};
set_option({allow_user_invites, Is}, Config) -> Config#config{allow_user_invites = Is};
set_option({max_users, Max}, Config) -> Config#config{max_users = Max};
set_option({password, Password}, Config) -> Config#config{password = Password};
set_option({title, Title}, Config) -> Config#config{title = Title}.

-spec rights(binary()) -> [{atom(), boolean()}].
rights(May) ->
    Words = binary:split(May, <<" ">>, [global]),
    [{allow_change_subj, lists:member(<<"topic">>, Words)},
     {allow_user_invites, lists:member(<<"invite">>, Words)}].

-spec options(binary(), [{atom(), term()}]) -> [{atom(), term()}].
options(Host, Wanted) ->
    Service = gen_mod:get_module_opt(Host, mod_foyer, service_account),
    Fixed = [{affiliations, [{{Service, Host, <<>>}, owner}]}, {allow_subscription, false},
             {anonymous, false}, {logging, false}, {mam, true}, {members_by_default, false},
             {members_only, false}, {moderated, true}, {password_protected, true}, {persistent, true},
             {presence_broadcast, [moderator, participant]}, {public, false}, {public_list, false}],
    Defaults = gen_mod:get_module_opt(Host, mod_muc, default_room_options),
    lists:ukeymerge(1, lists:ukeysort(1, Wanted ++ Fixed), lists:ukeysort(1, Defaults)).

-spec destroy_one(binary(), binary(), binary()) -> binary().
destroy_one(Host, Service, Room) ->
    case mod_muc:find_online_room(Room, Service) of
        {ok, Pid} ->
            mod_muc_room:destroy(Pid),
            <<"destroyed">>;
        error ->
            _ = mod_muc:forget_room(Host, Service, Room),
            <<"gone">>
    end.

-spec admit_one(binary(), binary(), binary(), binary(), binary()) -> binary().
admit_one(Host, Service, Room, User, What) ->
    {Pid, Jid} = found(Host, Service, Room, User),
    place(What, Pid, Jid, is_watcher(Room, Service, Jid)),
    What.

%% The room has no members alone, so that there can be some without a voice; who may enter is what
%% `mod_foyer_rooms:entering/3' asks.
-spec place(binary(), pid(), jid(), Watches :: boolean()) -> ok.
place(<<"admit_to_watch">>, _, _, true) -> ok;
place(<<"admit_to_watch">>, Pid, Jid, false) ->
    %% Who loses the membership has no voice from then on: that outlasts coming and going.
    change(Pid, Jid, affiliation, member),
    change(Pid, Jid, affiliation, none),
    change(Pid, mod_foyer_rooms:watcher(Jid), affiliation, member);
place(What, Pid, Jid, true) ->
    change(Pid, mod_foyer_rooms:watcher(Jid), affiliation, none),
    place(What, Pid, Jid, false);
place(<<"admit">>, Pid, Jid, false) -> change(Pid, Jid, affiliation, member);
place(<<"moderate">>, Pid, Jid, false) -> change(Pid, Jid, affiliation, admin);
place(<<"dismiss">>, Pid, Jid, false) ->
    change(Pid, Jid, role, none),
    change(Pid, Jid, affiliation, none),
    %% A client may have come back in between.
    change(Pid, Jid, role, none).

-spec put_out_one(binary(), binary(), binary(), binary(), binary(), binary()) -> binary().
put_out_one(Host, Service, Room, User, What, Reason) ->
    {Pid, Jid} = found(Host, Service, Room, User),
    case What of
        <<"kick">> -> change(Pid, Jid, role, none, Reason);
        <<"ban">> -> change(Pid, Jid, affiliation, outcast, Reason);
        <<"unban">> -> change(Pid, Jid, affiliation, none, Reason)
    end,
    What.

-spec is_watcher(binary(), binary(), jid()) -> boolean().
is_watcher(Room, Service, Jid) ->
    member =:= mod_muc_admin:get_room_affiliation(
                 Room, Service, jid:encode(mod_foyer_rooms:watcher(Jid))).

-spec change(pid(), jid(), affiliation | role, atom()) -> ok.
change(Pid, Jid, What, Value) -> change(Pid, Jid, What, Value, mod_foyer_rooms:dismissal()).

-spec change(pid(), jid(), affiliation | role, atom(), binary()) -> ok.
change(Pid, Jid, What, Value, Reason) ->
    {ok, _} = mod_muc_room:change_item(Pid, Jid, What, Value, Reason),
    ok.

-spec found(binary(), binary(), binary(), binary()) -> {pid(), jid()}.
found(Host, Service, Room, User) ->
    case {mod_muc:find_online_room(Room, Service), jid:make(User, Host)} of
        {{ok, Pid}, #jid{} = Jid} -> {Pid, Jid};
        {error, _} -> throw(no_such_room);
        _ -> throw(no_such_user)
    end.

%% Beside the room's process, which answers what this asks.
-spec admit_invited(pid(), binary(), binary(), jid()) -> ok.
admit_invited(Pid, Room, Service, Invited) ->
    Bare = jid:remove_resource(Invited),
    case mod_muc_admin:get_room_affiliation(Room, Service, jid:encode(Bare)) of
        none -> mod_muc_room:change_item_async(Pid, Bare, affiliation, member, <<>>);
        _ -> ok
    end.

-spec occupants(binary(), binary()) -> occupants().
occupants(Room, Service) ->
    At = mod_foyer_event:timestamp(erlang:system_time(millisecond)),
    Present = try mod_muc_admin:get_room_occupants(Room, Service)
              catch _:_ -> []
              end,
    {jid:encode({Room, Service, <<>>}), At,
     [{Jid, Nick, iolist_to_binary(Role)} || {Jid, Nick, Role} <- Present]}.
