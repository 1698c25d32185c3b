%%%-------------------------------------------------------------------
%%% File    : mod_foyer_apart.erl
%%% Purpose : Instances see nothing of each other, whatever their people's clients ask
%%%
%%% Names say whose somebody is: `anna.shop' and the room `sales.shop' are of the instance `shop'
%%% where there is one on that host; names without such an end are of nobody or of `main', which are
%%% one party here. So most stanzas cost two looks at a name, and a name that isn't there is answered
%%% like one that is.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_apart).

%% API
-export([are/2, strip/1, without/2]).

-include("xmpp.hrl").

%% `nobody': of no instance but `main'. `outside': other servers, and what all may use. `shared': a
%% service in which accounts of the host leave things for each other.
-type home() :: {Host :: binary(), mod_foyer_jid:instance()} | nobody | outside | shared.

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether nothing may pass between these two.
-spec are(jid() | undefined, jid() | undefined) -> boolean().
are(#jid{luser = User, lserver = Server}, #jid{luser = User, lserver = Server}) -> false;
are(#jid{} = One, #jid{} = Other) ->
    case {mod_foyer_jid:instance_suffix(One#jid.luser), mod_foyer_jid:instance_suffix(Other#jid.luser)} of
        {none, none} -> false;
        _ -> are_homes(home(One), home(Other))
    end;
are(_, _) -> false.

%% @doc Takes what is of other instances out of a list that a service of the host gives to an
%% account: rooms (XEP-0045), people found by a search (XEP-0055).
-spec strip(stanza()) -> stanza().
strip(#iq{type = result, from = #jid{luser = <<>>, lserver = Service}, to = #jid{lserver = Host} = To,
          sub_els = [El]} = IQ) when Service =/= Host ->
    try without(xmpp:decode(El), fun(Jid) -> are(Jid, To) end) of
        none -> IQ;
        Less -> IQ#iq{sub_els = [Less]}
    catch
        _:_ -> IQ
    end;
strip(Stanza) -> Stanza.

%% @doc A list without those that are hidden; `none': it is no list.
-spec without(xmpp_element(), Hidden :: fun((jid()) -> boolean())) -> xmpp_element() | none.
without(#disco_items{items = Items} = List, Hidden) ->
    List#disco_items{items = [Item || #disco_item{jid = Jid} = Item <- Items, not Hidden(Jid)]};
without(#search{items = Items, xdata = Form} = Search, Hidden) ->
    Search#search{items = [Item || #search_item{jid = Jid} = Item <- Items, not Hidden(Jid)],
                  xdata = without_found(Form, Hidden)};
without(_, _) -> none.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec are_homes(home(), home()) -> boolean().
are_homes(outside, _) -> false;
are_homes(_, outside) -> false;
are_homes(nobody, shared) -> false;
are_homes(shared, nobody) -> false;
are_homes(One, Other) -> One =/= Other.

-spec home(jid()) -> home().
home(#jid{luser = LUser, lserver = Server}) ->
    case host_of(Server) of
        none -> outside;
        Host -> home(place(Server, Host), Host, LUser)
    end.

-spec home(accounts | rooms | shared | other, binary(), binary()) -> home().
home(shared, _, _) -> shared;
home(Place, _, LUser) when Place =:= other; LUser =:= <<>> -> outside;
home(_, Host, LUser) ->
    case mod_foyer_jid:instance_suffix(LUser) of
        none -> nobody;
        Instance ->
            case mod_foyer_groups:is_instance(Host, Instance) of
                true -> {Host, Instance};
                false -> nobody
            end
    end.

%% The host with mod_foyer to which a domain belongs.
-spec host_of(binary()) -> binary() | none.
host_of(Server) ->
    try
        Host = ejabberd_router:host_of_route(Server),
        true = gen_mod:is_loaded(Host, mod_foyer),
        true = gen_mod:get_module_opt(Host, mod_foyer, instances_apart),
        Host
    catch
        _:_ -> none
    end.

-spec place(binary(), binary()) -> accounts | rooms | shared | other.
place(Host, Host) -> accounts;
place(Server, Host) ->
    case [Place || {Module, Place} <- [{mod_muc, rooms}, {mod_pubsub, shared}, {mod_vcard, shared}],
                   gen_mod:is_loaded(Host, Module),
                   lists:member(Server, gen_mod:get_module_opt_hosts(Host, Module))] of
        [Place | _] -> Place;
        [] -> other
    end.

-spec without_found(#xdata{} | undefined, fun((jid()) -> boolean())) -> #xdata{} | undefined.
without_found(undefined, _) -> undefined;
without_found(#xdata{items = Items} = Form, Hidden) ->
    Form#xdata{items = [Fields || Fields <- Items,
                                  not lists:any(fun(Jid) -> Hidden(jid:decode(Jid)) end, jids(Fields))]}.

-spec jids([#xdata_field{}]) -> [binary()].
jids(Fields) -> [Jid || #xdata_field{var = <<"jid">>, values = Values} <- Fields, Jid <- Values].
