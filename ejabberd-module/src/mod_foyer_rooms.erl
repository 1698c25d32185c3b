%%%-------------------------------------------------------------------
%%% File    : mod_foyer_rooms.erl
%%% Purpose : What happens in Foyer's rooms: hooks of mod_muc -> events
%%%
%%% A room is Foyer's by its name, so that no list of rooms is looked at. Who is in it is read off
%%% what the room tells each occupant about itself (status code 110, XEP-0045): entering, leaving,
%%% a new nick or role, a kick; all of it runs in the room's own process, in the room's order.
%%%
%%% SPDX-License-Identifier: GPL-2.0-or-later
%%%-------------------------------------------------------------------
-module(mod_foyer_rooms).

%% API
-export([is_room/2, exists/1, invited/1, is_own_presence/1, mark/1, observe/2, aside/2, watcher/1,
         dismissal/0, is_ours/1]).
%% Hooks
-export([entering/3, message/3, removed/3]).

-include("logger.hrl").
-include("xmpp.hrl").

%%%===================================================================
%%% API.
%%%===================================================================

%% @doc Whether a JID is of a room, or of an occupant of a room, that is Foyer's on this host.
-spec is_room(binary(), jid() | undefined) -> boolean().
is_room(Host, #jid{luser = LUser, lserver = LServer}) when LUser =/= <<>>, LServer =/= Host ->
    Prefix = gen_mod:get_module_opt(Host, mod_foyer, rooms_prefix),
    Size = byte_size(Prefix),
    case LUser of
        <<Prefix:Size/binary, _/binary>> -> is_service_of(Host, LServer);
        _ -> false
    end;
is_room(_, _) -> false.

-spec exists(jid()) -> boolean().
exists(#jid{luser = Room, lserver = Service}) ->
    mod_muc:find_online_room(Room, Service) =/= error.

%% @doc Whom a message to a room asks the room to invite (XEP-0045, 7.8.2). What can't be read the
%% room refuses.
-spec invited(message()) -> [jid() | undefined].
invited(Msg) ->
    try xmpp:try_subtag(Msg, #muc_user{}) of
        #muc_user{invites = Invites} -> [To || #muc_invite{to = To} <- Invites];
        _ -> []
    catch
        _:_ -> []
    end.

%% @doc Notes on a presence that the client itself took its leave: a connection that only ends
%% makes one without this mark.
-spec mark(stanza()) -> stanza().
mark(#presence{type = unavailable} = Presence) -> xmpp:put_meta(Presence, mod_foyer_clean, true);
mark(Stanza) -> Stanza.

%% @doc Stands among the members of a room for an account that may enter it to watch.
-spec watcher(jid()) -> jid().
watcher(#jid{luser = User, lserver = Server}) ->
    jid:make(<<User/binary, ".", Server/binary>>, <<"watches.invalid">>).

%% @doc Why somebody is put out whom the bridge has dismissed.
-spec dismissal() -> binary().
dismissal() -> <<"No longer admitted">>.

%% @doc Whether a presence is what a room says to an occupant about itself.
-spec is_own_presence(presence()) -> boolean().
is_own_presence(Presence) ->
    case xmpp:get_subtag(Presence, #muc_user{}) of
        #muc_user{status_codes = Codes} -> lists:member(110, Codes);
        _ -> false
    end.

%% @doc A stanza is about to reach an account of this host: is it news of a room? Presence that
%% the spool doesn't take is healed by the bridge's next look at all rooms; a private message to a
%% visitor isn't accepted then.
-spec observe(binary(), stanza()) -> ok | {refuse, stanza_error()}.
observe(Host, #presence{from = #jid{lresource = Nick} = From, type = Type} = Presence)
  when Nick =/= <<>>, Type =:= available orelse Type =:= unavailable ->
    case is_room(Host, From) andalso xmpp:get_subtag(Presence, #muc_user{}) of
        #muc_user{status_codes = Codes, items = [Item | _]} ->
            case {lists:member(110, Codes), lists:member(303, Codes)} of
                %% With 303 the next one brings the new nick.
                {true, false} -> offer(Host, presence_event(Presence, Codes, Item));
                _ -> ok
            end;
        _ -> ok
    end;
observe(Host, #message{from = #jid{lresource = Nick} = From, to = To, type = Type} = Msg)
  when Nick =/= <<>>, Type =:= chat orelse Type =:= normal ->
    case is_room(Host, From) andalso is_foyer_account(Host, To) of
        true -> accept(Host, Msg, #{room => bare(From), nick => Nick, private => true,
                                    to => bare(To)});
        false -> ok
    end;
observe(_, _) -> ok.

%% @doc A client sends something to a room. What who has no voice there says in private to an
%% operator belongs to the record, and isn't accepted where the spool doesn't take it. What is for
%% Foyer's own accounts `observe/2' sees.
-spec aside(binary(), stanza()) -> ok | {refuse, stanza_error()}.
aside(Host, #message{from = From, to = #jid{lresource = Nick} = To, type = Type} = Msg)
  when Nick =/= <<>>, Type =:= chat orelse Type =:= normal ->
    case is_room(Host, To) andalso occupants(To) of
        [_ | _] = Occupants ->
            case {lists:keyfind(full(From), 1, Occupants), lists:keyfind(Nick, 2, Occupants)} of
                {{_, Own, <<"visitor">>}, {Other, _, _}} ->
                    whispered(Host, Msg, Own, jid:decode(Other));
                _ -> ok
            end;
        _ -> ok
    end;
aside(_, _) -> ok.

%%%===================================================================
%%% Hooks: they run in the room's process.
%%%===================================================================

%% @doc Only who was admitted enters, to speak or to watch. ejabberd remembers the roles of a moderated
%% room, and by its role would let in again who was put out.
-spec entering(presence() | drop, term(), binary()) -> presence() | drop | {stop, drop}.
entering(#presence{type = available, from = From, to = To} = Presence, RoomState, _Nick) ->
    case is_ours(To) andalso mod_muc_room:get_affiliation(From, RoomState) of
        none ->
            case mod_muc_room:get_affiliation(watcher(From), RoomState) of
                member -> Presence;
                _ -> refuse(Presence)
            end;
        outcast -> refuse(Presence);
        _ -> Presence
    end;
entering(Acc, _, _) -> Acc.

-spec refuse(presence()) -> {stop, drop}.
refuse(Presence) ->
    Error = xmpp:err_registration_required(<<"Membership is required to enter this room">>,
                                           xmpp:get_lang(Presence)),
    ejabberd_router:route_error(Presence, Error),
    {stop, drop}.

%% @doc As `is_room/2', on whichever host.
-spec is_ours(jid()) -> boolean().
is_ours(To) ->
    case host_of(To) of
        {ok, Host} -> is_room(Host, To);
        error -> false
    end.

%% @doc What an occupant said to all, once the room has let it pass. What Foyer's own accounts say
%% the bridge knows.
-spec message(message() | drop, term(), binary()) -> message() | drop | {stop, drop}.
message(#message{from = From, to = To} = Msg, _RoomState, Nick) ->
    case host_of(To) of
        {ok, Host} ->
            case is_room(Host, To) andalso not is_foyer_account(Host, From) of
                true -> passed(Host, Msg, Nick);
                false -> Msg
            end;
        error -> Msg
    end;
message(Acc, _, _) -> Acc.

-spec passed(binary(), message(), binary()) -> message() | {stop, drop}.
passed(Host, #message{from = From, to = To} = Msg, Nick) ->
    case accept(Host, Msg, #{room => bare(To), jid => full(From), nick => Nick, private => false}) of
        ok -> Msg;
        {refuse, Error} ->
            mod_foyer_spool:count_refused(Host),
            ejabberd_router:route_error(Msg, Error),
            {stop, drop}
    end.

%% @doc A room is gone for good.
-spec removed(binary(), binary(), binary()) -> ok.
removed(Host, Room, Service) ->
    case is_room(Host, jid:make(Room, Service)) of
        true -> offer(Host, #{kind => <<"room_destroyed">>, at => now_text(),
                              room => jid:encode({Room, Service, <<>>})});
        false -> ok
    end.

%%%===================================================================
%%% Internal functions.
%%%===================================================================

-spec whispered(binary(), message(), binary(), jid()) -> ok | {refuse, stanza_error()}.
whispered(Host, #message{from = From, to = To} = Msg, Nick, Reader) ->
    case is_foyer_account(Host, Reader) of
        true -> ok;
        false -> accept(Host, Msg, #{room => bare(To), jid => full(From), nick => Nick,
                                     private => true, to => bare(Reader)})
    end.

-spec occupants(jid()) -> [{Jid :: binary(), Nick :: binary(), Role :: binary()}].
occupants(#jid{luser = Room, lserver = Service}) ->
    try [{Jid, Nick, iolist_to_binary(Role)}
         || {Jid, Nick, Role} <- mod_muc_admin:get_room_occupants(Room, Service)]
    catch _:_ -> []
    end.

-spec accept(binary(), message(), mod_foyer_event:place()) -> ok | {refuse, stanza_error()}.
accept(Host, Msg, Place) ->
    Now = erlang:system_time(millisecond),
    Context = #{at => mod_foyer_event:timestamp(Now),
                max_body => gen_mod:get_module_opt(Host, mod_foyer, max_body)},
    try mod_foyer_event:from_room(Msg, Place, Context) of
        ignore -> ok;
        {refuse, Reason} -> {refuse, mod_foyer_refusal:of_message(Reason, Msg)};
        %% Of no use later: no message waits for the disk because somebody types.
        {ok, [#{kind := <<"room_chat_state">>} = Event]} -> offer(Host, Event);
        {ok, Events} ->
            case mod_foyer_spool:append(Host, [{event, Now, mod_foyer_event:tail(E)} || E <- Events]) of
                ok -> ok;
                {error, Reason} -> {refuse, mod_foyer_refusal:of_spool(Reason, Msg)}
            end
    catch
        Class:_ ->
            ?ERROR_MSG("A message in ~ts couldn't be read: ~p",
                       [maps:get(room, Place), Class]),
            {refuse, mod_foyer_refusal:of_message(unreadable, Msg)}
    end.

-spec presence_event(presence(), [non_neg_integer()], #muc_item{}) -> mod_foyer_event:event().
presence_event(#presence{from = From, to = To, type = Type} = Presence, Codes,
               #muc_item{role = Role, affiliation = Affiliation, reason = Reason,
                         actor = Actor}) ->
    #{kind => <<"room_presence">>, at => now_text(), room => bare(From), jid => full(To),
      nick => From#jid.lresource, present => Type =:= available,
      role => atom(Role), affiliation => atom(Affiliation),
      cause => cause(Type, Codes, Reason, xmpp:get_meta(Presence, mod_foyer_clean, false)),
      actor => case Actor of
                   #muc_actor{nick = Nick} -> Nick;
                   _ -> <<>>
               end,
      reason => mod_foyer_event:status(Reason)}.

%% Why an occupant is no longer there: the codes are those of XEP-0045, 15.6.
-spec cause(available | unavailable, [non_neg_integer()], binary(), boolean()) -> binary().
cause(available, _, _, _) -> <<>>;
cause(unavailable, Codes, Reason, Clean) ->
    Dismissed = Reason =:= dismissal(),
    case [Name || {Code, Name} <- [{301, <<"banned">>}, {307, <<"kicked">>}, {321, <<"removed">>},
                                   {322, <<"removed">>}, {332, <<"shutdown">>}],
                  lists:member(Code, Codes)] of
        [<<"kicked">> | _] when Dismissed -> <<"removed">>;
        [Name | _] -> Name;
        [] when Clean -> <<"left">>;
        [] -> <<"lost">>
    end.

-spec offer(binary(), mod_foyer_event:event()) -> ok.
offer(Host, Event) ->
    mod_foyer_spool:offer(Host, [{event, erlang:system_time(millisecond),
                                  mod_foyer_event:tail(Event)}]).

-spec is_foyer_account(binary(), jid()) -> boolean().
is_foyer_account(Host, #jid{luser = LUser, lserver = Host}) ->
    LUser =:= gen_mod:get_module_opt(Host, mod_foyer, service_account)
        orelse mod_foyer_jid:parse(LUser) =/= none;
is_foyer_account(_, _) -> false.

-spec is_service_of(binary(), binary()) -> boolean().
is_service_of(Host, Service) ->
    try ejabberd_router:host_of_route(Service) =:= Host
    catch _:_ -> false
    end.

-spec host_of(jid()) -> {ok, binary()} | error.
host_of(#jid{lserver = Service}) ->
    try ejabberd_router:host_of_route(Service) of
        Host ->
            case gen_mod:is_loaded(Host, mod_foyer) of
                true -> {ok, Host};
                false -> error
            end
    catch _:_ -> error
    end.

-spec now_text() -> binary().
now_text() -> mod_foyer_event:timestamp(erlang:system_time(millisecond)).

-spec atom(atom()) -> binary().
atom(Atom) -> atom_to_binary(Atom, latin1).

-spec full(jid()) -> binary().
full(#jid{luser = User, lserver = Server, resource = Resource}) ->
    jid:encode({User, Server, Resource}).

-spec bare(jid()) -> binary().
bare(#jid{luser = User, lserver = Server}) -> jid:encode({User, Server, <<>>}).
