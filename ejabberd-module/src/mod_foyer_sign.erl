%%%-------------------------------------------------------------------
%%% File    : mod_foyer_sign.erl
%%% Purpose : Signatures of Standard Webhooks 1.0.0 (pure)
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_sign).

-export([headers/4, signature/4, secret/1]).

-export_type([sealed/0]).

%% A secret inside a fun: crash reports print options and states, and must not print secrets.
-type sealed() :: fun(() -> binary()).

-define(MIN_BYTES, 24).
-define(MAX_BYTES, 64).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc The three headers of one attempt; one signature for each secret, the newest first, so
%% that the receiver can rotate.
-spec headers([sealed()], binary(), non_neg_integer(), iodata()) -> [{string(), string()}].
headers(Secrets, Id, Timestamp, Body) ->
    Signatures = [signature(Secret(), Id, Timestamp, Body) || Secret <- Secrets],
    [{"webhook-id", binary_to_list(Id)},
     {"webhook-timestamp", integer_to_list(Timestamp)},
     {"webhook-signature", binary_to_list(iolist_to_binary(lists:join(" ", Signatures)))}].

-spec signature(binary(), binary(), non_neg_integer(), iodata()) -> binary().
signature(Secret, Id, Timestamp, Body) ->
    Signed = [Id, $., integer_to_binary(Timestamp), $., Body],
    <<"v1,", (base64:encode(crypto:mac(hmac, sha256, Secret, Signed)))/binary>>.

%% @doc The bytes behind `whsec_<base64 of 24..64 bytes>', sealed.
-spec secret(binary()) -> {ok, sealed()} | error.
secret(<<"whsec_", Encoded/binary>>) ->
    try base64:decode(Encoded) of
        Bytes when byte_size(Bytes) >= ?MIN_BYTES, byte_size(Bytes) =< ?MAX_BYTES ->
            {ok, fun() -> Bytes end};
        _ -> error
    catch
        error:_ -> error
    end;
secret(_) -> error.
