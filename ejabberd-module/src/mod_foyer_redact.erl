%%%-------------------------------------------------------------------
%%% File    : mod_foyer_redact.erl
%%% Purpose : Keeps passwords out of ejabberd's log
%%%
%%% mod_http_api logs each call with its arguments and hides a password only at their top level;
%%% ejabberd_commands does the same at level debug, and hides none. The XMPP library logs then what
%%% clients send, logins too. A filter of the logger takes such arguments away before anything is
%%% formatted. What it can't see: a login that arrives in pieces, and the crash of a process.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_redact).

-export([install/0, remove/0, filter/2]).

-define(COMMANDS, [foyer_provision, <<"foyer_provision">>, provision,
                   foyer_create_rooms, <<"foyer_create_rooms">>, create_rooms]).
%% It doesn't name the command, and its first argument may hold a password, or be one.
-define(MISFIT, "Don't know how to format Arg ~p for format ~p").
%% mod_http_api hides the passwords of these, ejabberd_commands doesn't.
-define(EXECUTES, "Executing command ~p:~p with Args=~p").
-define(WITH_PASSWORD, [register, set_password, change_password, check_password,
                        check_password_hash]).
%% Logins by SASL and by XEP-0078, and XEP-0077. In texts that people write, "<" is escaped.
-define(CREDENTIALS, [<<"<auth">>, <<"<response">>, <<"<initial-response">>, <<"<password">>,
                      <<"<digest">>]).
-define(HIDDEN, hidden_by_mod_foyer).

%%%===================================================================
%%% API.
%%%===================================================================

-spec install() -> ok.
install() ->
    _ = logger:add_primary_filter(?MODULE, {fun ?MODULE:filter/2, []}),
    ok.

-spec remove() -> ok.
remove() ->
    _ = logger:remove_primary_filter(?MODULE),
    ok.

-spec filter(logger:log_event(), []) -> logger:filter_return().
filter(#{msg := {?MISFIT = Format, [_ | Rest]}} = Event, []) ->
    Event#{msg := {Format, [?HIDDEN | Rest]}};
filter(#{msg := {?EXECUTES = Format, [Module, Function, _]}} = Event, []) ->
    case lists:member(Function, ?WITH_PASSWORD) orelse is_ours(Function) of
        true -> Event#{msg := {Format, [Module, Function, ?HIDDEN]}};
        false -> ignore
    end;
%% Written by error_logger: what the XMPP library does when ejabberd logs at level debug.
filter(#{msg := {report, #{format := Format, args := [Socket, Data]} = Report}} = Event, [])
  when is_list(Format), is_binary(Data) ->
    case binary:match(Data, ?CREDENTIALS) of
        nomatch -> ignore;
        _ -> Event#{msg := {report, Report#{args := [Socket, ?HIDDEN]}}}
    end;
filter(#{msg := {Format, [A, B | Rest]}} = Event, []) when is_list(Format), is_list(Rest) ->
    case is_ours(A) orelse is_ours(B) of
        true -> Event#{msg := {Format, [hide(Arg) || Arg <- [A, B | Rest]]}};
        false -> ignore
    end;
filter(_, []) -> ignore.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec is_ours(term()) -> boolean().
is_ours(Arg) -> lists:member(Arg, ?COMMANDS).

%% Names, addresses and ports may stay; what holds other terms may hold a password.
-spec hide(term()) -> term().
hide(Arg) when is_atom(Arg); is_number(Arg); is_binary(Arg) -> Arg;
hide([First | _] = Arg) when is_integer(First) -> Arg;
hide(_) -> ?HIDDEN.
