%%%-------------------------------------------------------------------
%%% File    : mod_foyer_refusal.erl
%%% Purpose : Errors that a person reads in its client
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_refusal).

%% API
-export([denial/3, of_message/2, of_spool/2]).

-export_type([reason/0]).

-include("xmpp.hrl").

-type reason() :: forbidden | not_allowed | service_unavailable.

-spec denial(reason(), binary(), stanza()) -> stanza_error().
denial(forbidden, Text, Stanza) -> xmpp:err_forbidden(Text, xmpp:get_lang(Stanza));
denial(not_allowed, Text, Stanza) -> xmpp:err_not_allowed(Text, xmpp:get_lang(Stanza));
denial(service_unavailable, Text, Stanza) ->
    xmpp:err_service_unavailable(Text, xmpp:get_lang(Stanza)).

-spec of_message(mod_foyer_event:refusal() | unreadable, message()) -> stanza_error().
of_message({too_long, Limit}, Msg) ->
    Text = iolist_to_binary(io_lib:format("Not sent: longer than ~b bytes", [Limit])),
    xmpp:err_not_acceptable(Text, xmpp:get_lang(Msg));
of_message(long_id, Msg) ->
    xmpp:err_not_acceptable(<<"Not sent: an id of it is too long">>, xmpp:get_lang(Msg));
of_message(unreadable, Msg) ->
    xmpp:err_internal_server_error(<<"Not sent: the message couldn't be read">>,
                                   xmpp:get_lang(Msg));
of_message(groupchat, Msg) ->
    xmpp:err_not_acceptable(<<"Not a room">>, xmpp:get_lang(Msg)).

-spec of_spool(mod_foyer_spool:reason(), message()) -> stanza_error().
of_spool(full, Msg) ->
    xmpp:err_resource_constraint(<<"Not sent: too many messages wait for the website">>,
                                 xmpp:get_lang(Msg));
of_spool(_, Msg) ->
    xmpp:err_internal_server_error(<<"Not sent: the message couldn't be stored">>,
                                   xmpp:get_lang(Msg)).
