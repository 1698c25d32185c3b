%%%-------------------------------------------------------------------
%%% File    : mod_foyer_jid.erl
%%% Purpose : The names of Foyer's accounts and shared roster groups (pure)
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_jid).

-export([parse/1, build/3, group/2, is_instance/1, instance_suffix/1]).

-export_type([kind/0, instance/0, account/0]).

-type kind() :: visitor | chat | operator.
-type instance() :: binary().
-type account() :: {visitor | chat, Id :: binary(), instance()}.

%% Ids are MySQL's signed BIGINT: at most 19 digits.
-define(MAX_DIGITS, 19).
-define(MAX_INSTANCE, 32).

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc What the local part of a JID names. It must be nodeprepped already (ejabberd's `luser');
%% only ASCII capitals are folded here, so that text from elsewhere can be given too.
-spec parse(binary()) -> account() | none.
parse(<<"visitor.", Rest/binary>>) -> parse_id(binary:split(lower(Rest), <<".">>, [global]));
parse(<<C, _/binary>> = Local) when C =:= $V; C =:= $v -> parse_folded(lower(Local));
parse(_) -> none.

%% @doc The local part for an account; `error' for an id or instance that can't be part of one.
-spec build(kind(), binary(), instance()) -> {ok, binary()} | error.
build(operator, Name, Instance) ->
    case is_operator_name(Name) andalso is_instance(Instance) of
        true -> {ok, <<Name/binary, (suffix(Instance))/binary>>};
        false -> error
    end;
build(Kind, Id, Instance) ->
    case is_id(Id) andalso is_instance(Instance) of
        true when Kind =:= visitor -> {ok, <<"visitor.", Id/binary, (suffix(Instance))/binary>>};
        true -> {ok, <<"visitor.", Id/binary, ".chat", (suffix(Instance))/binary>>};
        false -> error
    end.

%% @doc The shared roster group of an instance: `operators', `operators.shop'.
-spec group(Prefix :: binary(), instance()) -> binary().
group(Prefix, Instance) -> <<Prefix/binary, (suffix(Instance))/binary>>.

-spec is_instance(binary()) -> boolean().
is_instance(<<"chat">>) -> false;
is_instance(<<C, Rest/binary>>) when C >= $a, C =< $z, byte_size(Rest) < ?MAX_INSTANCE ->
    is_instance_tail(Rest);
is_instance(_) -> false.

%% @doc The instance that an operator's local part may name: its last label, if it can be one.
-spec instance_suffix(binary()) -> instance() | none.
instance_suffix(Local) ->
    case lists:reverse(binary:split(Local, <<".">>, [global])) of
        [Last, _ | _] when Last =/= <<"main">> ->
            case is_instance(Last) of
                true -> Last;
                false -> none
            end;
        _ -> none
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec parse_folded(binary()) -> account() | none.
parse_folded(<<"visitor.", Rest/binary>>) -> parse_id(binary:split(Rest, <<".">>, [global]));
parse_folded(_) -> none.

-spec parse_id([binary()]) -> account() | none.
parse_id([Id | Labels]) ->
    case is_id(Id) of
        true -> parse_labels(Id, Labels);
        false -> none
    end.

-spec parse_labels(binary(), [binary()]) -> account() | none.
parse_labels(Id, []) -> {visitor, Id, <<"main">>};
parse_labels(Id, [<<"chat">>]) -> {chat, Id, <<"main">>};
parse_labels(Id, [<<"chat">>, Instance]) -> with_instance(chat, Id, Instance);
parse_labels(Id, [Instance]) -> with_instance(visitor, Id, Instance);
parse_labels(_, _) -> none.

-spec with_instance(visitor | chat, binary(), binary()) -> account() | none.
with_instance(_, _, <<"main">>) -> none;
with_instance(Kind, Id, Instance) ->
    case is_instance(Instance) of
        true -> {Kind, Id, Instance};
        false -> none
    end.

-spec suffix(instance()) -> binary().
suffix(<<"main">>) -> <<>>;
suffix(Instance) -> <<".", Instance/binary>>.

%% No leading zero: two names would mean the same visitor.
-spec is_id(binary()) -> boolean().
is_id(<<C, Rest/binary>>) when C >= $1, C =< $9, byte_size(Rest) < ?MAX_DIGITS -> all_digits(Rest);
is_id(_) -> false.

-spec all_digits(binary()) -> boolean().
all_digits(<<C, Rest/binary>>) when C >= $0, C =< $9 -> all_digits(Rest);
all_digits(Rest) -> Rest =:= <<>>.

-spec is_instance_tail(binary()) -> boolean().
is_instance_tail(<<C, Rest/binary>>)
  when C >= $a, C =< $z; C >= $0, C =< $9; C =:= $- -> is_instance_tail(Rest);
is_instance_tail(Rest) -> Rest =:= <<>>.

-spec is_operator_name(binary()) -> boolean().
is_operator_name(Name) ->
    Name =/= <<>> andalso parse(Name) =:= none
        andalso binary:match(Name, [<<"@">>, <<"/">>, <<" ">>, <<".">>]) =:= nomatch
        andalso lower(Name) =:= Name.

-spec lower(binary()) -> binary().
lower(Bin) -> << <<(lower_char(C))>> || <<C>> <= Bin >>.

-spec lower_char(byte()) -> byte().
lower_char(C) when C >= $A, C =< $Z -> C + 32;
lower_char(C) -> C.
