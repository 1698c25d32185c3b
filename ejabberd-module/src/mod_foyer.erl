%%%-------------------------------------------------------------------
%%% File    : mod_foyer.erl
%%% Purpose : Website visitors as contacts of their operators: the part inside ejabberd
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer).

-behaviour(gen_mod).

%% gen_mod callbacks
-export([start/2, stop/1, reload/3, depends/2, mod_opt_type/1, mod_options/1, mod_doc/0]).
%% ext_mod
-export([pre_uninstall/0]).
%% Hooks
-export([filter_outgoing/1, take_over/1, filter_incoming/1, handed_over/3, stored_offline/1,
         known_contact/4, presence_set/4, presence_unset/4, session_resumed/1, room_message/3,
         room_removed/3, room_removed/4, room_entering/3, room_invitation/7]).

%% The list that newer versions take from start/2 isn't in the older one's callback.
-dialyzer(no_behaviours).

-include("logger.hrl").
-include("xmpp.hrl").

-define(MODULES, [mod_foyer_accounts, mod_foyer_apart, mod_foyer_commands,
                  mod_foyer_courier, mod_foyer_event, mod_foyer_groups, mod_foyer_http, mod_foyer_jid, mod_foyer_json, mod_foyer_once,
                  mod_foyer_options, mod_foyer_pending, mod_foyer_presence, mod_foyer_questions,
                  mod_foyer_recovery, mod_foyer_redact, mod_foyer_refusal, mod_foyer_results, mod_foyer_seen,
                  mod_foyer_room_admin, mod_foyer_rooms,
                  mod_foyer_segment, mod_foyer_sign, mod_foyer_snapshot, mod_foyer_spool,
                  mod_foyer_spool_files, mod_foyer_spool_table, mod_foyer_spool_view,
                  mod_foyer_stanzas, mod_foyer_sup, mod_foyer_wall]).

%%%===================================================================
%%% gen_mod callbacks.
%%%===================================================================

-spec start(binary(), gen_mod:opts()) -> ok | {ok, list()} | {error, term()}.
start(Host, Opts) ->
    mod_foyer_redact:install(),
    case mod_foyer_sup:start(Host, Opts) of
        {ok, _} -> register_all(Host);
        {error, _} = Error -> Error
    end.

%% After pre_uninstall/0 it is called once more, and must not load old code again.
-spec stop(binary()) -> ok.
stop(Host) ->
    case gen_mod:is_loaded(Host, ?MODULE) of
        true -> stop_loaded(Host);
        false -> ok
    end.

-spec stop_loaded(binary()) -> ok.
stop_loaded(Host) ->
    _ = returns_registrations() orelse unregister_all(Host),
    mod_foyer_sup:stop(Host),
    _ = gen_mod:is_loaded_elsewhere(Host, ?MODULE) orelse mod_foyer_redact:remove(),
    ok.

-spec reload(binary(), gen_mod:opts(), gen_mod:opts()) -> ok.
reload(Host, #{spool_dir := Dir} = NewOpts, #{spool_dir := OldDir}) ->
    _ = [?WARNING_MSG("spool_dir of mod_foyer changes at the next start of ~ts", [Host])
         || Dir =/= OldDir],
    mod_foyer_sup:configure(Host, NewOpts).

-spec depends(binary(), gen_mod:opts()) -> [{module(), hard | soft}].
depends(_Host, _Opts) ->
    [{mod_shared_roster, hard}, {mod_vcard, hard}, {mod_roster, hard}, {mod_mam, soft},
     {mod_muc, soft}, {mod_carboncopy, soft}, {mod_stream_mgmt, soft}].

-spec mod_opt_type(atom()) -> econf:validator().
mod_opt_type(Option) -> mod_foyer_options:type(Option).

-spec mod_options(binary()) -> [{atom(), term()}].
mod_options(_Host) -> mod_foyer_options:defaults().

-spec mod_doc() -> mod_foyer_options:doc().
mod_doc() -> mod_foyer_options:doc().

%% ejabberd purges only the module that the package is named after.
-spec pre_uninstall() -> ok.
pre_uninstall() ->
    _ = [catch gen_mod:stop_module(Host, ?MODULE)
         || Host <- ejabberd_option:hosts(), gen_mod:is_loaded(Host, ?MODULE)],
    lists:foreach(fun(Module) -> code:purge(Module), code:delete(Module), code:purge(Module) end,
                  ?MODULES).

%%%===================================================================
%%% Registrations.
%%%===================================================================

%% Early: what is refused is neither archived nor copied. Late: after mod_mam (88, and 500 where
%% it removes its mark) and mod_carboncopy (89).
-spec hooks() -> [{atom(), atom(), integer()}].
hooks() ->
    [{user_send_packet, filter_outgoing, 10},
     {user_send_packet, take_over, 900},
     {sm_receive_packet, filter_incoming, 10},
     {c2s_handle_send, handed_over, 60},
     {offline_message_hook, stored_offline, 90},
     {roster_get_jid_info, known_contact, 40},
     {set_presence_hook, presence_set, 50},
     {unset_presence_hook, presence_unset, 50},
     {c2s_session_resumed, session_resumed, 90},
     {muc_filter_presence, room_entering, 10},
     {muc_filter_message, room_message, 90},
     {muc_invite, room_invitation, 50},
     {remove_room, room_removed, 50},
     {room_destroyed, room_removed, 50}].

%% ejabberd takes a list of registrations, commands among them, since 25.03.
-spec returns_registrations() -> boolean().
returns_registrations() -> erlang:function_exported(ejabberd_commands, register_commands, 3).

-spec register_all(binary()) -> ok | {ok, list()}.
register_all(Host) ->
    case returns_registrations() of
        true ->
            {ok, [{commands, mod_foyer_commands:specs()} |
                  [{hook, Hook, Function, Seq} || {Hook, Function, Seq} <- hooks()]]};
        false ->
            _ = [ejabberd_hooks:add(Hook, Host, ?MODULE, Function, Seq)
                 || {Hook, Function, Seq} <- hooks()],
            ejabberd_commands:register_commands(mod_foyer_commands:specs())
    end.

-spec unregister_all(binary()) -> ok.
unregister_all(Host) ->
    _ = [ejabberd_hooks:delete(Hook, Host, ?MODULE, Function, Seq)
         || {Hook, Function, Seq} <- hooks()],
    case gen_mod:is_loaded_elsewhere(Host, ?MODULE) of
        false -> ejabberd_commands:unregister_commands(mod_foyer_commands:specs());
        true -> ok
    end.

%%%===================================================================
%%% Hooks: stanzas.
%%%===================================================================

-spec filter_outgoing(mod_foyer_stanzas:c2s_acc()) ->
          mod_foyer_stanzas:c2s_acc() | {stop, mod_foyer_stanzas:c2s_acc()}.
filter_outgoing(Acc) -> mod_foyer_stanzas:filter_outgoing(Acc).

-spec take_over(mod_foyer_stanzas:c2s_acc()) ->
          mod_foyer_stanzas:c2s_acc() | {stop, mod_foyer_stanzas:c2s_acc()}.
take_over(Acc) -> mod_foyer_stanzas:take_over(Acc).

-spec filter_incoming(stanza() | drop) -> stanza() | drop | {stop, drop}.
filter_incoming(Stanza) -> mod_foyer_stanzas:filter_incoming(Stanza).

-spec handed_over(map(), stanza() | tuple(), ok | {error, term()}) -> map().
handed_over(C2S, Stanza, Result) -> mod_foyer_stanzas:handed_over(C2S, Stanza, Result).

-spec stored_offline({atom(), message()}) -> {atom(), message()}.
stored_offline(Acc) -> mod_foyer_stanzas:stored_offline(Acc).

%%%===================================================================
%%% Hooks: presence.
%%%===================================================================

%% @doc Asked for each presence. mod_shared_roster would list all members of all groups for it,
%% which with many visitors is most of what a visitor's login costs.
-spec known_contact(Info, binary(), binary(), jid()) -> Info | {stop, Info} when
      Info :: {atom(), atom(), [binary()]}.
known_contact(Info, LUser, Host, Jid) ->
    case mod_foyer_groups:relation(Host, LUser, Jid) of
        {contact, Labels} -> {stop, {both, none, Labels}};
        stranger -> {stop, Info};
        unknown -> Info
    end.

-spec presence_set(binary(), binary(), binary(), presence()) -> ok.
presence_set(User, Server, _Resource, Presence) ->
    for_person(User, Server, fun(LUser, Host) ->
                                     mod_foyer_presence:announce(Host, LUser, Presence)
                             end).

-spec presence_unset(binary(), binary(), binary(), binary()) -> ok.
presence_unset(User, Server, _Resource, _Status) ->
    for_person(User, Server, fun(LUser, Host) -> mod_foyer_presence:withdraw(Host, LUser) end).

-spec session_resumed(map()) -> map().
session_resumed(#{jid := #jid{luser = LUser, lserver = Host}, pres_last := Presence} = C2S) ->
    for_person(LUser, Host, fun(_, _) -> mod_foyer_presence:announce(Host, LUser, Presence) end),
    C2S;
session_resumed(C2S) -> C2S.

%%%===================================================================
%%% Hooks: rooms.
%%%===================================================================

-spec room_entering(presence() | drop, term(), binary()) -> presence() | drop | {stop, drop}.
room_entering(Presence, RoomState, Nick) -> mod_foyer_rooms:entering(Presence, RoomState, Nick).

-spec room_invitation(message(), jid(), term(), jid(), jid(), binary(), message()) -> message().
room_invitation(Invitation, Room, _Config, _From, Invited, _Reason, _Message) ->
    mod_foyer_room_admin:invited(Invitation, Room, Invited).

-spec room_message(message() | drop, term(), binary()) -> message() | drop | {stop, drop}.
room_message(Message, RoomState, Nick) -> mod_foyer_rooms:message(Message, RoomState, Nick).

-spec room_removed(binary(), binary(), binary()) -> ok.
room_removed(Host, Room, Service) -> mod_foyer_rooms:removed(Host, Room, Service).

%% @doc Since 24.02 `room_destroyed' says too whether the room was kept on disk.
-spec room_removed(binary(), binary(), binary(), boolean()) -> ok.
room_removed(Host, Room, Service, _) -> mod_foyer_rooms:removed(Host, Room, Service).

-spec for_person(binary(), binary(), fun((binary(), binary()) -> ok)) -> ok.
for_person(User, Server, Act) ->
    LUser = jid:nodeprep(User),
    case mod_foyer_jid:parse(LUser) of
        none -> Act(LUser, jid:nameprep(Server));
        _ -> ok
    end.
