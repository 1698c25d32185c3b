%%%-------------------------------------------------------------------
%%% File    : mod_foyer_questions.erl
%%% Purpose : Hands what clients ask the service account on to its session
%%%
%%% Questions (IQs) to an account without a resource are answered by ejabberd itself, which knows
%%% nothing of the commands (XEP-0050) that the bridge has for operators. These go to the bridge's
%%% session instead; the answer comes back from where the client had asked. Nothing is kept: the
%%% question's id says on its way that it was redirected.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_questions).

-export([is_for_session/1, redirect/1, restore/2]).

-include("xmpp.hrl").

%% The one that the bridge binds.
-define(RESOURCE, <<"foyer">>).
-define(MARK, "foyer-bare:").

%%%===================================================================
%%% API.
%%%===================================================================

-spec is_for_session(iq()) -> boolean().
is_for_session(#iq{type = Type, to = #jid{lresource = <<>>}, sub_els = [El]})
  when Type =:= get; Type =:= set ->
    lists:member(xmpp:get_ns(El), [?NS_DISCO_INFO, ?NS_DISCO_ITEMS, ?NS_COMMANDS]);
is_for_session(_) -> false.

-spec redirect(iq()) -> iq().
redirect(#iq{id = Id, to = To} = IQ) ->
    IQ#iq{id = <<?MARK, Id/binary>>, to = jid:replace_resource(To, ?RESOURCE)}.

%% @doc Makes the answer to a redirected question one from the account itself.
-spec restore(stanza(), mod_foyer_wall:context()) -> stanza().
restore(#iq{type = Type, id = <<?MARK, Id/binary>>,
            from = #jid{luser = Service, lserver = Host, lresource = ?RESOURCE} = From} = IQ,
        #{service := Service, host := Host})
  when Type =:= result; Type =:= error ->
    IQ#iq{id = Id, from = jid:remove_resource(From)};
restore(Stanza, _) -> Stanza.
