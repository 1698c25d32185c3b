%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_jid_tests).

-include_lib("eunit/include/eunit.hrl").
-include("mod_foyer_vectors.hrl").

builds_every_name_of_the_vectors_test_() ->
    [{title(V), ?_assertEqual(local(Local), mod_foyer_jid:build(kind(Kind), Id, Instance))}
     || #{<<"kind">> := Kind, <<"id">> := Id, <<"instance">> := Instance,
          <<"local">> := Local} = V <- section(<<"build">>)].

parses_every_name_of_the_vectors_test_() ->
    [{title(V), ?_assertEqual(account(Expected), mod_foyer_jid:parse(Local))}
     || #{<<"local">> := Local, <<"expect">> := Expected} = V <- section(<<"parse">>)].

names_every_group_of_the_vectors_test_() ->
    [{title(V), ?_assertEqual(Group, mod_foyer_jid:group(Kind, Instance))}
     || #{<<"kind">> := Kind, <<"instance">> := Instance, <<"group">> := Group} = V
            <- section(<<"groups">>)].

parses_what_it_builds_test_() ->
    [?_assertEqual({kind(Kind), Id, Instance}, mod_foyer_jid:parse(Local))
     || #{<<"kind">> := Kind, <<"id">> := Id, <<"instance">> := Instance, <<"local">> := Local}
            <- section(<<"build">>), is_binary(Local), Kind =/= <<"operator">>].

the_last_label_of_an_operator_may_name_an_instance_test_() ->
    [?_assertEqual(Expected, mod_foyer_jid:instance_suffix(Local))
     || {Local, Expected} <- [{<<"anna">>, none}, {<<"anna.shop">>, <<"shop">>},
                              {<<"anna.lee.shop">>, <<"shop">>}, {<<"anna.chat">>, none},
                              {<<"anna.main">>, none}, {<<"anna.">>, none}, {<<>>, none}]].

section(Name) -> maps:get(Name, vectors("jid-names.json")).

title(Vector) -> binary_to_list(mod_foyer_json:encode(Vector)).

kind(Kind) -> binary_to_existing_atom(Kind, utf8).

local(Local) when is_binary(Local) -> {ok, Local};
local(_) -> error.

account(#{<<"kind">> := Kind, <<"id">> := Id, <<"instance">> := Instance}) ->
    {kind(Kind), Id, Instance};
account(_) -> none.
