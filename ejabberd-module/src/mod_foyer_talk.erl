%%%-------------------------------------------------------------------
%%% File    : mod_foyer_talk.erl
%%% Purpose : What a visitor's account may say and ask
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_talk).

-export([is_talk/1, is_question/1]).

-include("xmpp.hrl").

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether a message is one that the bridge sends for a visitor. With other elements a client
%% shows invitations, calls and copies of other people's messages.
-spec is_talk(message()) -> boolean().
is_talk(#message{type = Type, sub_els = Els}) ->
    lists:member(Type, [chat, normal, groupchat])
        andalso lists:all(fun(El) -> is_talk_ns(xmpp:get_ns(El)) end, Els).

%% @doc Whether it is asked for to keep a session; names are set by provisioning, never by the account.
-spec is_question(iq()) -> boolean().
is_question(#iq{type = Type, sub_els = [El]}) ->
    lists:member({Type, xmpp:get_ns(El)},
                 [{get, <<"urn:xmpp:ping">>},
                  {get, <<"jabber:iq:roster">>},
                  {get, <<"http://jabber.org/protocol/disco#info">>},
                  {set, <<"urn:ietf:params:xml:ns:xmpp-session">>},
                  {set, <<"urn:xmpp:carbons:2">>}]);
is_question(_) -> false.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec is_talk_ns(binary()) -> boolean().
is_talk_ns(?NS_CHATSTATES) -> true;
is_talk_ns(?NS_RECEIPTS) -> true;
is_talk_ns(?NS_HINTS) -> true;
is_talk_ns(?NS_SID_0) -> true;
is_talk_ns(<<"urn:xmpp:chat-markers:0">>) -> true;
%% A message in place of its own earlier one, one taken back, and one that is being typed.
is_talk_ns(<<"urn:xmpp:message-correct:0">>) -> true;
is_talk_ns(<<"urn:xmpp:message-retract:1">>) -> true;
is_talk_ns(<<"urn:xmpp:fallback:0">>) -> true;
is_talk_ns(<<"urn:xmpp:rtt:0">>) -> true;
is_talk_ns(_) -> false.
