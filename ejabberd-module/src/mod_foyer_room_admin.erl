%%%-------------------------------------------------------------------
%%% File    : mod_foyer_room_admin.erl
%%% Purpose : Foyer's rooms as the bridge wants them: many in one call, each of which may be repeated
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_room_admin).

%% API
-export([create/4, destroy/3, admit/4, list/1]).

-export_type([outcome/0, occupants/0]).

-include("xmpp.hrl").

-type outcome() :: {Room :: binary(), Status :: binary(), Reason :: binary()}.
%% `At' is before the look: what is reported later is newer.
-type occupants() :: {Room :: binary(), At :: binary(),
                      [{Jid :: binary(), Nick :: binary(), Role :: binary()}]}.

-define(MAX_BATCH, 200).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Makes rooms that the service account owns: only members may enter, with the password;
%% nobody finds them, and they are still there after a restart.
-spec create(binary(), binary(), pos_integer(), [{binary(), binary(), binary()}]) -> [outcome()].
create(Host, Service, MaxUsers, Rooms) ->
    check(Host, Service, length(Rooms)),
    each(fun({Room, Password, Title}) ->
                 {Room, fun() -> create_one(Host, Service, own(Host, Room, Service),
                                            options(Host, Password, Title, MaxUsers)) end}
         end, Rooms).

%% @doc Who is in a room sees that it is over; one that isn't there needs nothing.
-spec destroy(binary(), binary(), [binary()]) -> [outcome()].
destroy(Host, Service, Rooms) ->
    check(Host, Service, length(Rooms)),
    each(fun(Room) -> {Room, fun() -> destroy_one(Host, Service, own(Host, Room, Service)) end} end,
         Rooms).

%% @doc Lets accounts of this host enter. `admit' or `dismiss': who is dismissed is put out.
-spec admit(binary(), binary(), binary(), [{binary(), binary()}]) -> [outcome()].
admit(Host, Service, Room0, Users) ->
    check(Host, Service, length(Users)),
    Room = own(Host, Room0, Service),
    each(fun({User, What}) -> {User, fun() -> admit_one(Host, Service, Room, User, What) end} end,
         Users).

%% @doc All of Foyer's rooms that there are, with who is in them.
-spec list(binary()) -> [occupants()].
list(Host) ->
    [occupants(Room, Service)
     || Service <- gen_mod:get_module_opt_hosts(Host, mod_muc),
        {Room, _, _} <- mod_muc:get_online_rooms(Service),
        mod_foyer_rooms:is_room(Host, jid:make(Room, Service))].

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
create_one(Host, Service, Room, Options) ->
    case mod_muc:find_online_room(Room, Service) of
        {ok, _} -> <<"exists">>;
        error ->
            case mod_muc:create_room(Service, Room, Options) of
                ok ->
                    {atomic, _} = mod_muc:store_room(Host, Service, Room, Options),
                    <<"created">>;
                {error, Reason} -> throw(Reason)
            end
    end.

-spec options(binary(), binary(), binary(), pos_integer()) -> list().
options(Host, Password, Title, MaxUsers) ->
    Service = gen_mod:get_module_opt(Host, mod_foyer, service_account),
    Wanted = [{affiliations, [{{Service, Host, <<>>}, owner}]}, {allow_change_subj, true},
              {allow_subscription, false}, {allow_user_invites, false}, {anonymous, false},
              {logging, false}, {mam, true}, {max_users, MaxUsers}, {members_only, true},
              {moderated, true}, {password, Password}, {password_protected, true},
              {persistent, true}, {public, false}, {public_list, false}, {title, Title}],
    Defaults = gen_mod:get_module_opt(Host, mod_muc, default_room_options),
    lists:ukeymerge(1, lists:ukeysort(1, Wanted), lists:ukeysort(1, Defaults)).

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
    Affiliation = case What of
                      <<"admit">> -> member;
                      <<"dismiss">> -> none
                  end,
    case {mod_muc:find_online_room(Room, Service), jid:make(User, Host)} of
        {{ok, Pid}, #jid{} = Jid} ->
            {ok, _} = mod_muc_room:change_item(Pid, Jid, affiliation, Affiliation, <<>>),
            What;
        {error, _} -> throw(no_such_room);
        _ -> throw(no_such_user)
    end.

-spec occupants(binary(), binary()) -> occupants().
occupants(Room, Service) ->
    At = mod_foyer_event:timestamp(erlang:system_time(millisecond)),
    Present = try mod_muc_admin:get_room_occupants(Room, Service)
              catch _:_ -> []
              end,
    {jid:encode({Room, Service, <<>>}), At,
     [{Jid, Nick, iolist_to_binary(Role)} || {Jid, Nick, Role} <- Present]}.
