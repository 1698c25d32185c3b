%%%-------------------------------------------------------------------
%%% File    : mod_foyer_groups.erl
%%% Purpose : Who is an operator: membership of shared roster groups
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_groups).

-export([is_instance/2, is_operator/3, instance_of/2, are_colleagues/3, operators/1, of_user/2,
         relation/3]).

-include("xmpp.hrl").

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether there is an instance of this name on this host: it has a group of operators then.
-spec is_instance(binary(), mod_foyer_jid:instance()) -> boolean().
is_instance(Host, Instance) ->
    mod_shared_roster:get_group_opts(Host, mod_foyer_jid:group(prefix(Host), Instance)) =/= error.

-spec is_operator(binary(), binary(), mod_foyer_jid:instance()) -> boolean().
is_operator(Host, LUser, Instance) ->
    lists:member(mod_foyer_jid:group(prefix(Host), Instance), of_user(Host, LUser)).

%% @doc The instance whose operator this account is. Membership decides; of several the one
%% that the name speaks of, then `main'.
-spec instance_of(binary(), binary()) -> {ok, mod_foyer_jid:instance()} | none.
instance_of(Host, LUser) ->
    case instances(prefix(Host), of_user(Host, LUser)) of
        [] -> none;
        Instances -> {ok, preferred(mod_foyer_jid:instance_suffix(LUser), Instances)}
    end.

%% @doc Whether both are operators of one instance.
-spec are_colleagues(binary(), binary(), jid() | undefined) -> boolean().
are_colleagues(Host, LUser, #jid{luser = Other, lserver = Host}) ->
    case instance_of(Host, LUser) of
        {ok, Instance} -> is_operator(Host, Other, Instance);
        none -> false
    end;
are_colleagues(_, _, _) -> false.

%% @doc All operators and their instances: one read in the backend for each of their groups.
-spec operators(binary()) -> #{binary() => mod_foyer_jid:instance()}.
operators(Host) ->
    try
        Backend = gen_mod:db_mod(Host, mod_shared_roster),
        Prefix = prefix(Host),
        Members = [{LUser, Instance} || Group <- Backend:list_groups(Host),
                                        Instance <- instances(Prefix, [Group]),
                                        {LUser, LServer} <- Backend:get_group_explicit_users(Host, Group),
                                        LServer =:= Host],
        preferred_of_each(Members)
    catch
        error:{module_not_loaded, _, _} -> #{}
    end.

%% @doc The shared roster groups that list this account. One read by key in the backend;
%% mod_shared_roster's own function would list every member of the group for each stranger.
-spec of_user(binary(), binary()) -> [binary()].
of_user(Host, LUser) ->
    try
        Backend = gen_mod:db_mod(Host, mod_shared_roster),
        Backend:get_user_groups({LUser, Host}, Host)
    catch
        error:{module_not_loaded, _, _} -> []
    end.

%% @doc What groups make of these two: `contact' are a visitor and an operator of one instance, under
%% this label; `stranger' is a visitor's account that no group has, as before it is provisioned.
-spec relation(binary(), binary(), jid()) -> {contact, [binary()]} | stranger | unknown.
relation(Host, LUser, #jid{luser = Other, lserver = Host}) ->
    case {mod_foyer_jid:parse(LUser), mod_foyer_jid:parse(Other)} of
        {none, {_, _, Instance}} -> relation(Host, LUser, Other, Instance, visitors_group);
        {{_, _, Instance}, none} -> relation(Host, Other, LUser, Instance, operators_group);
        _ -> unknown
    end;
relation(_, _, _) -> unknown.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec relation(binary(), binary(), binary(), mod_foyer_jid:instance(),
               visitors_group | operators_group) -> {contact, [binary()]} | stranger | unknown.
relation(Host, Operator, Visitor, Instance, Shown) ->
    case of_user(Host, Visitor) of
        [] -> stranger;
        Groups ->
            Both = lists:member(group_of(Host, visitors_group, Instance), Groups)
                andalso is_operator(Host, Operator, Instance),
            case Both of
                true -> {contact, label(Host, group_of(Host, Shown, Instance))};
                false -> unknown
            end
    end.

-spec group_of(binary(), visitors_group | operators_group, mod_foyer_jid:instance()) -> binary().
group_of(Host, Option, Instance) ->
    mod_foyer_jid:group(gen_mod:get_module_opt(Host, mod_foyer, Option), Instance).

-spec label(binary(), binary()) -> [binary()].
label(Host, Group) ->
    case mod_shared_roster:get_group_opts(Host, Group) of
        Opts when is_list(Opts) -> [proplists:get_value(label, Opts, Group)];
        _ -> []
    end.

-spec prefix(binary()) -> binary().
prefix(Host) -> gen_mod:get_module_opt(Host, mod_foyer, operators_group).

-spec instances(binary(), [binary()]) -> [mod_foyer_jid:instance()].
instances(Prefix, Groups) ->
    Size = byte_size(Prefix),
    lists:sort(lists:filtermap(fun(Group) ->
                                       case Group of
                                           Prefix -> {true, <<"main">>};
                                           <<Prefix:Size/binary, $., Instance/binary>> ->
                                               mod_foyer_jid:is_instance(Instance)
                                                   andalso {true, Instance};
                                           _ -> false
                                       end
                               end, Groups)).

-spec preferred_of_each([{binary(), mod_foyer_jid:instance()}]) ->
          #{binary() => mod_foyer_jid:instance()}.
preferred_of_each(Members) ->
    ByUser = lists:foldl(fun({LUser, Instance}, Map) ->
                                 Map#{LUser => [Instance | maps:get(LUser, Map, [])]}
                         end, #{}, Members),
    maps:map(fun(LUser, Instances) ->
                     preferred(mod_foyer_jid:instance_suffix(LUser), lists:sort(Instances))
             end, ByUser).

-spec preferred(mod_foyer_jid:instance() | none, [mod_foyer_jid:instance(), ...]) ->
          mod_foyer_jid:instance().
preferred(Named, [First | _] = Instances) ->
    case [I || I <- [Named, <<"main">>], lists:member(I, Instances)] of
        [Instance | _] -> Instance;
        [] -> First
    end.
