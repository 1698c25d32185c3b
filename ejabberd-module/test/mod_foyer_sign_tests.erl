%%% SPDX-License-Identifier: GPL-2.0-or-later
-module(mod_foyer_sign_tests).

-include_lib("eunit/include/eunit.hrl").
-include("mod_foyer_vectors.hrl").

signs_as_the_vectors_do_test_() ->
    [{binary_to_list(Name), ?_assertEqual(Signature, sign(Secret, Id, Timestamp, Body))}
     || #{<<"name">> := Name, <<"secret">> := Secret, <<"id">> := Id, <<"timestamp">> := Timestamp,
          <<"body">> := Body, <<"signature">> := Signature}
            <- vectors("webhook-signatures.json")].

gives_one_signature_for_each_secret_test() ->
    [First, Second] = Vectors = lists:sublist(vectors("webhook-signatures.json"), 2),
    Secrets = [sealed(S) || #{<<"secret">> := S} <- Vectors],
    Headers = mod_foyer_sign:headers(Secrets, <<"id">>, 12, <<"body">>),
    ?assertEqual("id", proplists:get_value("webhook-id", Headers)),
    ?assertEqual("12", proplists:get_value("webhook-timestamp", Headers)),
    Expected = [sign(S, <<"id">>, 12, <<"body">>)
                || S <- [maps:get(<<"secret">>, First), maps:get(<<"secret">>, Second)]],
    ?assertEqual(Expected, re:split(proplists:get_value("webhook-signature", Headers), " ")).

refuses_what_is_no_secret_test_() ->
    [?_assertEqual(error, mod_foyer_sign:secret(Value))
     || Value <- [<<>>, <<"secret">>, <<"whsec_">>, <<"whsec_!!!!">>, encoded(23), encoded(65)]].

takes_secrets_of_24_to_64_bytes_test_() ->
    [?_assertMatch({ok, _}, mod_foyer_sign:secret(encoded(N))) || N <- [24, 32, 64]].

keeps_the_secret_out_of_printed_terms_test() ->
    {ok, Sealed} = mod_foyer_sign:secret(encoded(24)),
    ?assertEqual(nomatch, string:find(io_lib:format("~p ~w", [Sealed, Sealed]), "0,0,0")).

sign(Secret, Id, Timestamp, Body) ->
    mod_foyer_sign:signature((sealed(Secret))(), Id, Timestamp, Body).

sealed(Secret) ->
    {ok, Sealed} = mod_foyer_sign:secret(Secret),
    Sealed.

encoded(N) -> <<"whsec_", (base64:encode(<<0:N/unit:8>>))/binary>>.
