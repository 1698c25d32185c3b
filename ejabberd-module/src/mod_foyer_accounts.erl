%%%-------------------------------------------------------------------
%%% File    : mod_foyer_accounts.erl
%%% Purpose : Many visitors' accounts in one call
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_accounts).

-export([provision/2, unprovision/2, set_names/2]).

-export_type([outcome/0]).

-include("logger.hrl").
-include("xmpp.hrl").
-include("mod_roster.hrl").

-type outcome() :: {User :: binary(), Status :: binary(), Reason :: binary()}.

-define(MAX_BATCH, 200).
-define(WORKERS, 4).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Registers (or sets the password of) each account, then its name, then its group: an
%% operator's roster shows the name that the vCard had when the group was joined. Mnesia writes its
%% log later: with a `kill -9' before that an account could be left without its group, and nobody
%% would ever join it again. What was done before this call, by whomever, is on disk after it too.
-spec provision(binary(), [{binary(), binary(), binary(), binary()}]) -> [outcome()].
provision(Host, Accounts) ->
    Outcomes = each(fun({User, Password, Name, Group}) ->
                            {User, fun(LUser) -> provision_one(Host, LUser, Password, Name, Group) end}
                    end, Accounts),
    _ = mnesia:sync_log(),
    Outcomes.

%% @doc Ends sessions and removes all that the server keeps of each account.
-spec unprovision(binary(), [binary()]) -> [outcome()].
unprovision(Host, Users) ->
    each(fun(User) -> {User, fun(LUser) -> unprovision_one(Host, LUser) end} end, Users).

%% @doc Sets vCard names, and shows them to the operators that are online.
-spec set_names(binary(), [{binary(), binary()}]) -> [outcome()].
set_names(Host, Names) ->
    Displayed = displayed_to(Host),
    each(fun({User, Name}) ->
                 {User, fun(LUser) -> set_one_name(Host, LUser, Name, Displayed) end}
         end, Names).

%%%===================================================================
%%% One account.
%%%===================================================================

-spec provision_one(binary(), binary(), binary(), binary(), binary()) -> binary().
provision_one(Host, LUser, Password, Name, Group) ->
    ok = check_group(Host, Group),
    Status = register_or_update(Host, LUser, Password),
    _ = name(Status, Host, LUser, Name),
    ok = join(Host, LUser, Group),
    Status.

-spec register_or_update(binary(), binary(), binary()) -> binary().
register_or_update(_, _, <<>>) -> throw(<<"empty password">>);
register_or_update(Host, LUser, Password) ->
    case ejabberd_auth:try_register(LUser, Host, Password) of
        ok -> <<"created">>;
        {error, exists} -> update_password(Host, LUser, Password);
        {error, Reason} -> throw(text(Reason))
    end.

-spec update_password(binary(), binary(), binary()) -> binary().
update_password(Host, LUser, Password) ->
    case ejabberd_auth:set_password(LUser, Host, Password) of
        {error, Reason} -> throw(text(Reason));
        _ -> <<"updated">>
    end.

%% A visitor in an operators' group would be told as an operator by other software.
-spec check_group(binary(), binary()) -> ok.
check_group(_, <<>>) -> ok;
check_group(Host, Group) ->
    Operators = gen_mod:get_module_opt(Host, mod_foyer, operators_group),
    Start = <<Operators/binary, ".">>,
    case Group of
        Operators -> throw(<<"not a visitors' group">>);
        <<Start:(byte_size(Start))/binary, _/binary>> -> throw(<<"not a visitors' group">>);
        _ -> is_group(Host, Group) orelse throw(<<"no such group">>), ok
    end.

-spec is_group(binary(), binary()) -> boolean().
is_group(Host, Group) -> mod_shared_roster:get_group_opts(Host, Group) =/= error.

-spec join(binary(), binary(), binary()) -> ok.
join(_, _, <<>>) -> ok;
join(Host, LUser, Group) ->
    case lists:member(Group, mod_foyer_groups:of_user(Host, LUser)) of
        true -> ok;
        false -> joined(mod_shared_roster:add_user_to_group(Host, {LUser, Host}, Group))
    end.

-spec joined(term()) -> ok.
joined(error) -> throw(<<"the group wasn't joined">>);
joined(_) -> ok.

%% An account that was made just now has no vCard to compare with.
-spec name(binary(), binary(), binary(), binary()) -> boolean().
name(<<"created">>, Host, LUser, Name) when Name =/= <<>> ->
    store_vcard(Host, LUser, vcard(Name));
name(_, Host, LUser, Name) -> set_vcard(Host, LUser, Name).

%% Says whether the name is another one than before.
-spec set_vcard(binary(), binary(), binary()) -> boolean().
set_vcard(_, _, <<>>) -> false;
set_vcard(Host, LUser, Name) ->
    Card = vcard(Name),
    case mod_vcard:get_vcard(LUser, Host) of
        [Card] -> false;
        error -> throw(<<"the vCard can't be read">>);
        _ -> store_vcard(Host, LUser, Card)
    end.

-spec vcard(binary()) -> xmlel().
vcard(Name) -> xmpp:encode(#vcard_temp{fn = Name, nickname = Name}).

-spec store_vcard(binary(), binary(), xmlel()) -> true.
store_vcard(Host, LUser, Card) ->
    case mod_vcard:set_vcard(LUser, Host, Card) of
        ok -> true;
        _ -> throw(<<"the vCard wasn't stored">>)
    end.

%% ejabberd's own removal leaves the account in its shared roster groups.
-spec unprovision_one(binary(), binary()) -> binary().
unprovision_one(Host, LUser) ->
    Existed = ejabberd_auth:user_exists(LUser, Host),
    lists:foreach(fun(Group) ->
                          mod_shared_roster:remove_user_from_group(Host, {LUser, Host}, Group)
                  end, mod_foyer_groups:of_user(Host, LUser)),
    ok = ejabberd_auth:remove_user(LUser, Host),
    case Existed of
        true -> <<"removed">>;
        false -> <<"absent">>
    end.

-spec set_one_name(binary(), binary(), binary(), #{binary() => {binary(), [binary()]}}) -> binary().
set_one_name(Host, LUser, Name, Displayed) ->
    ejabberd_auth:user_exists(LUser, Host) orelse throw(<<"no such account">>),
    case set_vcard(Host, LUser, Name) of
        true -> push_name(Host, LUser, Name, Displayed), <<"updated">>;
        false -> <<"unchanged">>
    end.

%%%===================================================================
%%% Rosters of operators that are online.
%%%===================================================================

%% For each group its label, and the groups whose members see it.
-spec displayed_to(binary()) -> #{binary() => {binary(), [binary()]}}.
displayed_to(Host) ->
    Groups = [{Group, Opts} || Group <- mod_shared_roster:list_groups(Host),
                               Opts <- [mod_shared_roster:get_group_opts(Host, Group)],
                               is_list(Opts)],
    maps:from_list(
      [{Group, {proplists:get_value(label, Opts, Group),
                [G || {G, O} <- Groups,
                      lists:member(Group, proplists:get_value(displayed_groups, O, []))]}}
       || {Group, Opts} <- Groups]).

-spec push_name(binary(), binary(), binary(), #{binary() => {binary(), [binary()]}}) -> ok.
push_name(Host, LUser, Name, Displayed) ->
    Mine = [Found || Group <- mod_foyer_groups:of_user(Host, LUser),
                     {ok, Found} <- [maps:find(Group, Displayed)]],
    Watching = lists:usort([US || {_, Groups} <- Mine, Group <- Groups,
                                  US <- mod_shared_roster:get_group_explicit_users(Host, Group)]),
    Item = #roster_item{jid = jid:make(LUser, Host), name = Name, subscription = both,
                        groups = [Label || {Label, _} <- Mine]},
    lists:foreach(fun({U, S}) -> mod_roster:push_item(jid:make(U, S), Item, Item) end,
                  [{U, S} || {U, S} <- Watching, ejabberd_sm:get_user_resources(U, S) =/= []]).

%%%===================================================================
%%% Batches.
%%%===================================================================

%% In the order of the request; a few at a time, since most of it waits for the database.
-spec each(fun((T) -> {binary(), fun((binary()) -> binary())}), [T]) -> [outcome()].
each(_, Items) when length(Items) > ?MAX_BATCH ->
    throw({invalid_parameter, "at most 200 in one call"});
each(Prepare, Items) ->
    Parent = self(),
    Workers = [spawn_monitor(fun() -> Parent ! {self(), [run(Prepare(I)) || I <- Slice]} end)
               || Slice <- slices(Items)],
    interleave([collect(Worker) || Worker <- Workers]).

-spec collect({pid(), reference()}) -> [outcome()].
collect({Pid, Monitor}) ->
    receive
        {Pid, Outcomes} -> erlang:demonitor(Monitor, [flush]), Outcomes;
        {'DOWN', Monitor, process, Pid, Reason} -> exit(Reason)
    end.

%% Every fourth item to one worker, and back again.
-spec slices([T]) -> [[T]].
slices(Items) ->
    Numbered = lists:zip(lists:seq(1, length(Items)), Items),
    [[Item || {N, Item} <- Numbered, N rem ?WORKERS =:= Slice rem ?WORKERS]
     || Slice <- lists:seq(1, min(?WORKERS, length(Items)))].

-spec interleave([[T]]) -> [T].
interleave(Lists) ->
    case [List || List <- Lists, List =/= []] of
        [] -> [];
        Left -> [hd(List) || List <- Left] ++ interleave([tl(List) || List <- Left])
    end.

-spec run({binary(), fun((binary()) -> binary())}) -> outcome().
run({User, Act}) ->
    try {User, Act(visitor(User)), <<>>}
    catch
        throw:Reason when is_binary(Reason) -> {User, <<"error">>, Reason};
        Class:Reason ->
            ?ERROR_MSG("Account ~ts failed: ~p:~0p", [User, Class, class_of(Reason)]),
            {User, <<"error">>, <<"internal error">>}
    end.

%% The rest of a reason may hold arguments, hence a password.
-spec class_of(term()) -> term().
class_of(Reason) when is_atom(Reason) -> Reason;
class_of(Reason) when is_tuple(Reason), is_atom(element(1, Reason)) -> element(1, Reason);
class_of(_) -> other.

-spec visitor(binary()) -> binary().
visitor(User) ->
    LUser = case jid:nodeprep(User) of
                error -> <<>>;
                Prepared -> Prepared
            end,
    case mod_foyer_jid:parse(LUser) of
        none -> throw(<<"not a visitor's name">>);
        _ -> LUser
    end.

-spec text(atom()) -> binary().
text(Reason) -> atom_to_binary(Reason, utf8).
